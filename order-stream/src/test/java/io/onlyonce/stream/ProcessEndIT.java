package io.onlyonce.stream;

import static io.onlyonce.stream.StreamLab.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ProjectHome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessEndIT {
    /** With the context that was worked out when the program was built, as it ships: its logging is another then. */
    @Test
    void a_process_that_halts_has_said_why_though_nobody_reads_its_output_for_a_while(@TempDir Path state)
            throws Exception {
        int port = Ports.free(1).getFirst();
        ProcessBuilder program = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dspring.aot.enabled=true",
                "-jar",
                ProjectHome.locate().program("order-stream").toString());
        program.environment()
                .putAll(Map.of(
                        "SERVER_PORT",
                        Integer.toString(port),
                        "SERVER_ADDRESS",
                        "127.0.0.1",
                        "STATE_DIR",
                        state.toString(),
                        // Nobody is there, and nobody is needed.
                        "KAFKA_BOOTSTRAP_SERVERS",
                        "127.0.0.1:1",
                        // More than a pipe holds.
                        "LOGGING_LEVEL_ROOT",
                        "debug"));
        Process process = program.redirectErrorStream(true).start();
        try (HttpClient http = HttpClient.newHttpClient()) {
            patiently().ignoreExceptions().until(() -> status(http, port, "/config") == 200);
            http.sendAsync(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/simulate/crash"))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            assertThat(process.waitFor(3, TimeUnit.SECONDS))
                    .as("has ended before its last lines were written")
                    .isFalse();
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("crash: halting");
            assertThat(process.waitFor()).isEqualTo(137);
        } finally {
            process.destroyForcibly();
        }
    }

    private static int status(HttpClient http, int port, String path) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
