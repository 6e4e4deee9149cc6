package io.onlyonce.stream;

import static io.onlyonce.stream.TestStack.awaitSlowly;
import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.platform.ServiceProcess;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.platform.process.Directories;
import io.onlyonce.platform.process.Watchdog;
import io.onlyonce.stream.HaltingStream.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that the dedup store contains exactly the committed ids after an unclean shutdown and after damage to its files. */
class DedupStoreIT {
    private static TestStack stack;

    private final String prefix = UUID.randomUUID().toString();
    /** With its own state directory, so that each test starts without a store. */
    private final ServiceProcess consumer = stack.instance("consumer-1", prefix);

    @BeforeAll
    static void start() {
        stack = new TestStack();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @AfterEach
    void kill() {
        consumer.stop(TerminationStyle.ABRUPT);
    }

    private Path stateDir() {
        return stack.platform().directory().resolve(prefix).resolve("state");
    }

    /** The setting changes on the existing store between the halts, in both directions. */
    @Test
    @Tag("soak")
    void a_halt_at_any_point_of_a_commit_leaves_a_store_that_agrees_with_the_output(@TempDir Path temporary)
            throws Exception {
        record Halt(boolean transactionalStore, Point point) {}
        List<Halt> halts = List.of(
                new Halt(true, Point.BETWEEN_THE_KAFKA_COMMIT_AND_THE_COMMIT_OF_THE_STORE),
                new Halt(true, Point.BEFORE_THE_KAFKA_COMMIT),
                new Halt(false, Point.BEFORE_THE_KAFKA_COMMIT));
        TestStack.Load load = stack.load(prefix, 150);
        Path log = temporary.resolve("halting-stream.log");
        for (Halt halt : halts) {
            Process process = HaltingStream.start(
                    stack, "consumer-1", stateDir(), halt.transactionalStore(), halt.point(), log.toFile());
            try (Watchdog _ = Watchdog.over(process.pid())) {
                assertThat(process.waitFor(60, TimeUnit.SECONDS))
                        .as(halt.toString())
                        .isTrue();
                assertThat(process.exitValue())
                        .as(() -> halt + "\n" + read(log))
                        .isEqualTo(HaltingStream.HALTED);
            } finally {
                process.destroyForcibly();
            }
        }
        consumer.start();
        int orders = load.stop();
        stack.awaitEachExactlyOnce(prefix, orders);
        stack.awaitAllRejected(prefix, orders);
        stack.awaitEachExactlyOnce(prefix, orders);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private enum Damage {
        DELETED {
            @Override
            void apply(Path store) throws IOException {
                files(store, ".sst");
                Directories.delete(store);
            }
        },
        TRUNCATED_TABLES {
            @Override
            void apply(Path store) throws IOException {
                for (Path table : files(store, ".sst")) {
                    try (var file = Files.newByteChannel(table, StandardOpenOption.WRITE)) {
                        file.truncate(file.size() / 2);
                    }
                }
            }
        },
        CHANGED_TABLES {
            @Override
            void apply(Path store) throws IOException {
                for (Path table : files(store, ".sst")) {
                    byte[] content = Files.readAllBytes(table);
                    // In the first data block.
                    content[20] ^= 1;
                    Files.write(table, content);
                }
            }
        };

        abstract void apply(Path store) throws IOException;

        private static List<Path> files(Path store, String suffix) throws IOException {
            try (Stream<Path> files = Files.walk(store)) {
                List<Path> found =
                        files.filter(file -> file.toString().endsWith(suffix)).toList();
                assertThat(found).isNotEmpty();
                return found;
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("soak")
    void a_deleted_or_damaged_store_is_restored_from_its_changelog(Damage damage) throws Exception {
        int orders = 300;
        consumer.start();
        stack.sendAll(prefix, 0, orders);
        stack.awaitEachExactlyOnce(prefix, orders);
        // A topology that stops writes its store to disk.
        stack.post(consumer, "/topology/stop", "");
        damage.apply(stateDir().resolve("streams"));
        // 503 if the first attempt to open the store fails. The next attempt follows at once.
        stack.call(consumer, "/topology/start", "");
        stack.awaitAllRejected(prefix, orders);
        stack.awaitEachExactlyOnce(prefix, orders);
    }

    /** Under at-least-once, orders can be emitted twice, but none is lost. */
    @Test
    @Tag("slow")
    void a_kill_during_a_change_of_mode_loses_no_order_and_no_id() throws Exception {
        consumer.start();
        String before = "before-" + prefix;
        stack.sendAll(before, 0, 100);
        stack.awaitEachExactlyOnce(before, 100);
        TestStack.Load load = stack.load(prefix, 100);
        for (boolean exactlyOnce : new boolean[] {false, true}) {
            String change = "{\"processing_mode\": \"%s\", \"enable_idempotency\": %s}"
                    .formatted(exactlyOnce ? "exactly-once" : "at-least-once", exactlyOnce);
            int sent = load.sent();
            awaitSlowly().until(() -> load.sent() > sent + 100);
            int logged = stack.log(consumer).length();
            CompletableFuture<Void> changing =
                    CompletableFuture.runAsync(() -> stack.call(consumer, "/config", change));
            awaitSlowly().until(() -> stack.log(consumer).indexOf("state=PENDING_SHUTDOWN", logged) >= 0);
            consumer.stop(TerminationStyle.ABRUPT);
            changing.exceptionally(_ -> null).join();
            consumer.start();
            // The kill can be earlier than the change.
            stack.post(consumer, "/config", change);
        }
        stack.awaitProcessed(prefix, load.stop());
        String after = "after-" + prefix;
        stack.sendAll(after, 0, 100);
        stack.awaitEachExactlyOnce(after, 100);
        stack.awaitAllRejected(before, 100);
        stack.awaitAllRejected(after, 100);
        stack.awaitEachExactlyOnce(before, 100);
    }
}
