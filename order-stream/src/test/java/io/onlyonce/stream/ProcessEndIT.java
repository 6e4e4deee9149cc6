package io.onlyonce.stream;

import static io.onlyonce.stream.TestStack.awaitSlowly;
import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.process.Watchdog;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("soak")
class ProcessEndIT {
    /** Uses the application context that the build has processed ahead of time, because it sets up logging differently. */
    @Test
    void a_process_that_halts_logs_the_reason_even_if_its_output_is_read_late(@TempDir Path state) throws Exception {
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
                        // No broker is needed.
                        "KAFKA_BOOTSTRAP_SERVERS",
                        "127.0.0.1:1",
                        // Produces more output than a pipe buffers.
                        "LOGGING_LEVEL_ROOT",
                        "debug"));
        Process process = program.redirectErrorStream(true).start();
        try (Watchdog _ = Watchdog.over(process.pid());
                HttpClient http = HttpClient.newHttpClient()) {
            awaitSlowly().ignoreExceptions().until(() -> status(http, port, "/config") == 200);
            http.sendAsync(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/simulate/crash"))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            assertThat(process.waitFor(3, TimeUnit.SECONDS))
                    .as("ended before its last lines were written")
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
