package io.onlyonce.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchdogTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private Process owner;

    /** A JVM that starts a PostgreSQL, says which processes that are, and waits. */
    static final class Owner {
        public static void main(String[] arguments) throws Exception {
            Site site = new Site(LabHome.locate(), Path.of(arguments[0]), Lifetime.valueOf(arguments[1]));
            PostgresServer postgres = new PostgresServer(site, Ports.free(1).getFirst());
            postgres.start();
            if (arguments[2].equals("frozen")) {
                postgres.freeze();
            }
            Stream<Long> children =
                    ProcessHandle.of(postgres.pid()).orElseThrow().descendants().map(ProcessHandle::pid);
            System.out.println(String.join(
                    " ",
                    Stream.concat(Stream.of(postgres.pid()), children)
                            .map(Object::toString)
                            .toList()));
            Thread.currentThread().join();
        }
    }

    @AfterEach
    void stop() {
        owner.destroyForcibly();
        Site site = new Site(LabHome.locate(), directory, Lifetime.DETACHED);
        new PostgresServer(site, 1).stop(TerminationStyle.ABRUPT);
    }

    @Test
    void a_killed_jvm_takes_its_parts_with_it() throws Exception {
        List<Long> tree = startAndKillOwner(Lifetime.WITH_THIS_JVM, "running");
        Awaitility.await().atMost(PATIENCE).until(() -> tree.stream().allMatch(WatchdogTest::isGone));
    }

    @Test
    void a_killed_jvm_takes_frozen_parts_with_it() throws Exception {
        List<Long> tree = startAndKillOwner(Lifetime.WITH_THIS_JVM, "frozen");
        Awaitility.await().atMost(PATIENCE).until(() -> tree.stream().allMatch(WatchdogTest::isGone));
    }

    @Test
    void a_detached_part_outlives_the_jvm_that_started_it_and_is_stopped_by_another() throws Exception {
        long pid = startAndKillOwner(Lifetime.DETACHED, "running").getFirst();

        Site site = new Site(LabHome.locate(), directory, Lifetime.DETACHED);
        PostgresServer found = new PostgresServer(site, 1);
        assertThat(found.pid()).isEqualTo(pid);
        found.stop(TerminationStyle.GRACEFUL);
        assertThat(isGone(pid)).isTrue();
        assertThat(Files.readString(found.log())).endsWith("database system is shut down\n");
    }

    private List<Long> startAndKillOwner(Lifetime lifetime, String state) throws Exception {
        owner = new ProcessBuilder(
                        Java.command().getFirst(),
                        "-Dlab.home=" + LabHome.locate().root(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName(),
                        directory.toString(),
                        lifetime.name(),
                        state)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = owner.inputReader()) {
            List<Long> tree = Arrays.stream(output.readLine().split(" "))
                    .map(Long::valueOf)
                    .toList();
            assertThat(tree).hasSizeGreaterThan(3).noneMatch(WatchdogTest::isGone);
            owner.destroyForcibly().waitFor();
            return tree;
        }
    }

    private static boolean isGone(long pid) {
        return ProcessIdentity.of(pid).isEmpty();
    }
}
