package io.onlyonce.query.semantics;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.onlyonce.query.QueryProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What `lab bench` has measured: here if it ran here, else on the machine whose results came with the sources. */
@Component
final class BenchResults {
    private static final Logger log = LoggerFactory.getLogger(BenchResults.class);

    private final Path file;
    private final JsonMapper json;

    BenchResults(QueryProperties properties, JsonMapper json) {
        this.file = properties.benchResults();
        this.json = json;
    }

    /**
     * One row of the benchmark: a contender and its peer, measured in the same run.
     *
     * @param name for example `stream.eos_vs_alos`
     * @param ratio value to peerValue
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Result(String name, Double value, String unit, String peer, Double peerValue, Double ratio) {}

    /** When and on what it was measured. The file's own time would be that of the checkout. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Environment(Instant at, String cpu, int cores, int memoryGib) {}

    record Run(Environment environment, String file, List<Result> results) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Results(Environment environment, List<Result> results) {}

    /** Read at every call: a benchmark may have run since. */
    Optional<Run> latest() {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try {
            Results results = json.readValue(Files.readAllBytes(file), Results.class);
            return results.environment() == null || results.results() == null
                    ? Optional.empty()
                    : Optional.of(new Run(results.environment(), file.toString(), results.results()));
        } catch (IOException | JacksonException e) {
            log.warn("The benchmark's results in {} are not readable", file, e);
            return Optional.empty();
        }
    }
}
