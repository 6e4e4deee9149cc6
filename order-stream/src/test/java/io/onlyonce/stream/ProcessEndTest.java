package io.onlyonce.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class ProcessEndTest {
    private static final Logger log = LoggerFactory.getLogger(ProcessEndTest.class);

    /** More than a pipe holds. */
    private static final int LINES = 2_000;

    /** What is run in a process of its own. */
    public static void main(String[] args) {
        for (int i = 0; i < LINES; i++) {
            log.info("a line of what went before, and long enough");
        }
        log.warn("this is why");
        ProcessEnd.CRASH.now();
    }

    @Test
    void a_process_that_halts_has_said_why_though_nobody_reads_its_output_for_a_while() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dlogback.configurationFile=logback-spring.xml",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ProcessEndTest.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(process.waitFor(3, TimeUnit.SECONDS))
                    .as("has ended before its last lines were written")
                    .isFalse();
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .endsWith("this is why\n");
            assertThat(process.waitFor()).isEqualTo(137);
        } finally {
            process.destroyForcibly();
        }
    }
}
