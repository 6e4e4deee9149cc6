package io.onlyonce.postgres.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Follows the quick start in the README of this module: its table, its configuration, its records, and its result. */
class QuickStartIT {
    private static final SinkFixture SINK = SinkFixture.shared();

    @Test
    void the_quick_start_shows_the_result_that_the_readme_shows() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        SINK.execute(block(readme, "sql"));
        SINK.createTopic("payments");
        var postgres = SINK.platform().postgres();
        String config = block(readme, "json")
                .replace(
                        "jdbc:postgresql://localhost:5432/shop", SINK.platform().jdbcUrl())
                .replace("\"shop\"", "\"" + postgres.user() + "\"")
                .replace("\"secret\"", "\"" + postgres.password() + "\"")
                .replace("localhost:9092", SINK.platform().bootstrapServers());
        SINK.configure("payments-sink", config);
        // In one partition, because the order of the records matters.
        SINK.send("payments", 0, List.of(block(readme, "jsonl").split("\n")));

        List<String> shown = block(readme, "text")
                .lines()
                .skip(3)
                .map(line -> line.replaceAll("\\s*\\|\\s*", "|").strip())
                .toList();
        SinkFixture.patiently()
                .untilAsserted(() -> assertThat(
                                SINK.texts(
                                        "SELECT concat_ws('|', id, amount, coalesce(tags::text, '')) FROM payments ORDER BY id"))
                        .isEqualTo(shown));
        SinkFixture.patiently()
                .untilAsserted(
                        () -> assertThat(SINK.committed("payments-sink.dlq")).isEqualTo(1));
    }

    private static String block(String readme, String language) {
        Matcher block =
                Pattern.compile("(?ms)^ *```" + language + "\n(.*?)^ *```$").matcher(readme);
        assertThat(block.find()).as("block of " + language).isTrue();
        return block.group(1).stripIndent().strip();
    }
}
