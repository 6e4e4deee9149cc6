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

/** Reads the results file of `lab bench`. The repository contains a results file of another machine. */
@Component
final class BenchResults {
    private static final Logger log = LoggerFactory.getLogger(BenchResults.class);

    private final Path file;
    private final JsonMapper json;

    BenchResults(QueryProperties properties, JsonMapper json) {
        this.file = properties.benchResults();
        this.json = json;
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    record BenchRun(Environment environment, List<Result> results) {}

    /** @param at time of the measurement; the modification time of the file would be the time of the checkout */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Environment(Instant at, String cpu, int cores, int memoryGib) {}

    /**
     * A candidate and its baseline, measured in the same run.
     *
     * @param name for example `stream.eos_vs_alos`
     * @param peer name of the baseline; null if there is none, like `peerValue` and `ratio`
     * @param ratio `value` divided by `peerValue`
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Result(String name, Double value, String unit, String peer, Double peerValue, Double ratio) {}

    Path file() {
        return file;
    }

    /** Reads the file on each call, because a new benchmark can replace it. */
    Optional<BenchRun> latest() {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(json.readValue(Files.readAllBytes(file), BenchRun.class))
                    .filter(run -> run.environment() != null && run.results() != null);
        } catch (IOException | JacksonException e) {
            log.warn("Cannot read the benchmark results file={}", file, e);
            return Optional.empty();
        }
    }
}
