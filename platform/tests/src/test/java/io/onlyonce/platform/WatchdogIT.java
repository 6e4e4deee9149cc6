package io.onlyonce.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.platform.process.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("soak")
class WatchdogIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** Identifies the line among the log lines of Kafka's client. */
    private static final String PREFIX = "owner: ";

    @TempDir
    private Path directory;

    private Process owner;

    /** A JVM that starts PostgreSQL, prints the process ids, and waits. */
    static final class Owner {
        public static void main(String[] arguments) throws Exception {
            RunContext context =
                    new RunContext(ProjectHome.locate(), Path.of(arguments[0]), Lifetime.valueOf(arguments[1]));
            PostgresServer postgres = new PostgresServer(context, Ports.free(1).getFirst());
            postgres.start();
            if (arguments[2].equals("frozen")) {
                postgres.freeze();
            }
            Stream<Long> children =
                    ProcessHandle.of(postgres.pid()).orElseThrow().descendants().map(ProcessHandle::pid);
            System.out.println(PREFIX
                    + Stream.concat(Stream.of(postgres.pid()), children)
                            .map(Object::toString)
                            .collect(Collectors.joining(" ")));
            Thread.currentThread().join();
        }
    }

    /** A JVM that starts a platform, prints its directory, and waits. */
    static final class PlatformOwner {
        public static void main(String[] arguments) throws Exception {
            System.out.println(PREFIX + Platform.builder().start().directory());
            Thread.currentThread().join();
        }
    }

    @AfterEach
    void stop() {
        owner.destroyForcibly();
        RunContext context = new RunContext(ProjectHome.locate(), directory, Lifetime.DETACHED);
        new PostgresServer(context, 1).stop(TerminationStyle.ABRUPT);
    }

    @Test
    void components_are_killed_if_their_jvm_is_killed() throws Exception {
        List<Long> tree = startAndKillOwner(Lifetime.WITH_THIS_JVM, "running");
        Awaitility.await().atMost(TIMEOUT).until(() -> tree.stream().allMatch(WatchdogIT::isGone));
    }

    @Test
    void frozen_components_are_killed_if_their_jvm_is_killed() throws Exception {
        List<Long> tree = startAndKillOwner(Lifetime.WITH_THIS_JVM, "frozen");
        Awaitility.await().atMost(TIMEOUT).until(() -> tree.stream().allMatch(WatchdogIT::isGone));
    }

    @Test
    void a_detached_component_outlives_its_jvm_and_can_be_stopped_by_another() throws Exception {
        long pid = startAndKillOwner(Lifetime.DETACHED, "running").getFirst();

        RunContext context = new RunContext(ProjectHome.locate(), directory, Lifetime.DETACHED);
        PostgresServer found = new PostgresServer(context, 1);
        assertThat(found.pid()).isEqualTo(pid);
        found.stop(TerminationStyle.GRACEFUL);
        assertThat(isGone(pid)).isTrue();
        assertThat(Files.readString(found.log())).endsWith("database system is shut down\n");
    }

    @ParameterizedTest
    @EnumSource
    void the_directory_is_deleted_if_a_jvm_ends_without_closing_its_platform(TerminationStyle style) throws Exception {
        Path data = Path.of(startOwner(PlatformOwner.class));
        assertThat(data).isNotEmptyDirectory();
        switch (style) {
            case GRACEFUL -> owner.destroy();
            case ABRUPT -> owner.destroyForcibly();
        }
        Awaitility.await().atMost(TIMEOUT).untilAsserted(() -> assertThat(data).doesNotExist());
    }

    private List<Long> startAndKillOwner(Lifetime lifetime, String state) throws Exception {
        String pids = startOwner(Owner.class, directory.toString(), lifetime.name(), state);
        List<Long> tree = Arrays.stream(pids.split(" ")).map(Long::valueOf).toList();
        assertThat(tree).hasSizeGreaterThan(3).noneMatch(WatchdogIT::isGone);
        owner.destroyForcibly().waitFor();
        return tree;
    }

    /** @return the output of the JVM after the prefix */
    private String startOwner(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Component.jvm().getFirst(),
                "-Dlab.home=" + ProjectHome.locate().root(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        owner = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return owner.inputReader()
                .lines()
                .filter(line -> line.startsWith(PREFIX))
                .findFirst()
                .orElseThrow()
                .substring(PREFIX.length());
    }

    private static boolean isGone(long pid) {
        return ProcessIdentity.of(pid).isEmpty();
    }
}
