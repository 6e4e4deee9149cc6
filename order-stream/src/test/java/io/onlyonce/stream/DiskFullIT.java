package io.onlyonce.stream;

import static io.onlyonce.stream.TestStack.awaitSlowly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.process.Watchdog;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the packaged program with its state directory on a small file system, which exists only for the process (mount and
 * user namespaces of Linux).
 */
@Tag("soak")
class DiskFullIT {
    private final String prefix = UUID.randomUUID().toString();

    @Test
    void while_the_disk_is_full_the_instance_is_unhealthy_and_afterward_it_continues_exactly_once(@TempDir Path disk)
            throws Exception {
        assumeTrue(canMount(disk), "this system does not allow a mount in a user namespace");
        URI url = URI.create("http://127.0.0.1:" + Ports.free(1).getFirst());
        try (TestStack stack = new TestStack();
                HttpClient http = HttpClient.newHttpClient()) {
            Process stream = start(stack, disk, url);
            try (Watchdog _ = Watchdog.over(stream.pid())) {
                awaitSlowly()
                        .ignoreExceptions()
                        .until(() -> send(http, url, "GET", "/health").statusCode() == 200);
                stack.sendAll(prefix, 0, 100);
                stack.awaitEachExactlyOnce(prefix, 100);

                Path root = Path.of("/proc/" + stream.pid() + "/root" + disk);
                List<Path> files = new ArrayList<>();
                files.add(fill(root.resolve("before-the-store-is-closed")));
                // The store cannot write its entries when it closes. The space that it releases is filled as well.
                send(http, url, "POST", "/topology/stop");
                files.add(fill(root.resolve("before-the-store-is-opened")));
                CompletableFuture<HttpResponse<String>> start = sendAsync(http, url, "POST", "/topology/start");
                stack.sendAll(prefix, 100, 200);
                awaitSlowly().untilAsserted(() -> {
                    HttpResponse<String> health = send(http, url, "GET", "/health");
                    assertThat(health.statusCode()).isEqualTo(503);
                    assertThat(health.body()).contains("No space left on device");
                });

                for (Path file : files) {
                    Files.delete(file);
                }
                assertThat(start.get().statusCode()).isIn(200, 503);
                awaitSlowly().until(() -> send(http, url, "GET", "/health").statusCode() == 200);
                stack.awaitEachExactlyOnce(prefix, 200);
                stack.awaitAllRejected(prefix, 200);
                stack.awaitEachExactlyOnce(prefix, 200);
            } finally {
                stream.destroyForcibly().waitFor();
            }
        }
    }

    private static boolean canMount(Path disk) throws InterruptedException {
        try {
            return new ProcessBuilder(onSmallDisk(disk, "true")).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> onSmallDisk(Path disk, String... command) {
        Stream<String> mount = Stream.of(
                "unshare",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o size=64m tmpfs \"$0\" && exec \"$@\"",
                disk.toString());
        return Stream.concat(mount, Stream.of(command)).toList();
    }

    private static Process start(TestStack stack, Path disk, URI url) throws IOException {
        ProcessBuilder program = new ProcessBuilder(onSmallDisk(
                disk,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dspring.aot.enabled=true",
                "-jar",
                ProjectHome.locate().program("order-stream").toString()));
        program.environment()
                .putAll(Map.of(
                        "SERVER_PORT",
                        Integer.toString(url.getPort()),
                        "ADVERTISED_URL",
                        url.toString(),
                        "STATE_DIR",
                        disk.resolve("state").toString(),
                        "KAFKA_BOOTSTRAP_SERVERS",
                        stack.platform().bootstrapServers()));
        return program.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Creates a file that takes all free space. */
    private static Path fill(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] block = new byte[4096];
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
            return file;
        }
    }

    private static HttpResponse<String> send(HttpClient http, URI url, String method, String path) {
        return sendAsync(http, url, method, path).join();
    }

    private static CompletableFuture<HttpResponse<String>> sendAsync(
            HttpClient http, URI url, String method, String path) {
        HttpRequest request = HttpRequest.newBuilder(url.resolve(path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    }
}
