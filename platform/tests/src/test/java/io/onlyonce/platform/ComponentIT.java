package io.onlyonce.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.onlyonce.platform.process.ChildProcess;
import io.onlyonce.platform.process.ProcessIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComponentIT {
    @TempDir
    private Path directory;

    @Test
    void a_component_that_ends_during_its_start_reports_the_reason() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                PostgresServer postgres = new PostgresServer(context(directory), taken.getLocalPort())) {
            assertThatThrownBy(postgres::start)
                    .isInstanceOf(ComponentFailedException.class)
                    .hasMessageContaining("postgres ended during its start")
                    .hasMessageContaining("could not bind IPv4 address");
            assertThat(postgres.isAlive()).isFalse();
        }
    }

    @Test
    @Tag("soak")
    void a_directory_name_can_contain_spaces_quotes_and_umlauts() throws Exception {
        Path unusual = directory.resolve("a folder's \"name\" für $HOME");
        int port = Ports.free(1).getFirst();
        try (PostgresServer postgres = new PostgresServer(context(unusual), port)) {
            postgres.start();
            try (var connection =
                            DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                    var rows = connection.createStatement().executeQuery("SELECT current_setting('server_encoding')")) {
                rows.next();
                assertThat(rows.getString(1)).isEqualTo("UTF8");
            }
        }
        int kafkaPort = Ports.free(1).getFirst();
        try (KafkaBroker kafka =
                new KafkaBroker(context(unusual), kafkaPort, Ports.free(1).getFirst())) {
            kafka.start();
            assertThat(kafka.isAlive()).isTrue();
            assertThat(Files.exists(unusual.resolve("kafka/data/meta.properties")))
                    .isTrue();
        }
    }

    @Test
    void a_process_with_a_reused_pid_is_not_killed() throws IOException {
        ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();
        assertThat(self.isAlive()).isTrue();

        Files.createDirectories(directory.resolve("postgres"));
        new ProcessIdentity(self.pid(), "before").write(directory.resolve("postgres/postgres.pid"));
        try (PostgresServer postgres = new PostgresServer(context(directory), 1)) {
            assertThat(postgres.isAlive()).isFalse();
            postgres.stop(TerminationStyle.ABRUPT);
        }
        assertThat(self.isAlive()).isTrue();
    }

    @Test
    void a_component_that_was_stopped_permanently_does_not_start() {
        PostgresServer postgres =
                new PostgresServer(context(directory), Ports.free(1).getFirst());
        postgres.end(TerminationStyle.ABRUPT);
        assertThatThrownBy(postgres::start).hasMessage("postgres was stopped permanently");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void the_watchdog_of_a_process_that_was_killed_from_outside_is_released() throws IOException {
        List<ProcessHandle> before = ProcessHandle.current().children().toList();
        ChildProcess child = ChildProcess.spawn(
                        List.of("sleep", "600"),
                        Map.of(),
                        directory,
                        directory.resolve("log"),
                        directory.resolve("pid"))
                .guarded();
        assertThat(ProcessHandle.of(child.pid()).orElseThrow().destroyForcibly())
                .isTrue();
        await().until(() -> !child.isAlive());
        // Otherwise the watchdog would kill a later process with the same id.
        await().untilAsserted(
                        () -> assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
                                .isSubsetOf(before));
    }

    @Test
    void free_ports_are_free_and_distinct() {
        assertThat(Ports.free(20)).doesNotHaveDuplicates().allMatch(Ports::isFree);
    }

    private static RunContext context(Path directory) {
        return new RunContext(ProjectHome.locate(), directory, Lifetime.WITH_THIS_JVM);
    }
}
