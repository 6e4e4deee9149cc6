package io.onlyonce.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComponentIT {
    @TempDir
    private Path directory;

    @Test
    void a_part_that_dies_while_it_starts_says_why() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                PostgresServer postgres = new PostgresServer(site(directory), taken.getLocalPort())) {
            assertThatThrownBy(postgres::start)
                    .isInstanceOf(ComponentFailedException.class)
                    .hasMessageContaining("postgres ended while it started")
                    .hasMessageContaining("could not bind IPv4 address");
            assertThat(postgres.isAlive()).isFalse();
        }
    }

    @Test
    void a_path_with_spaces_quotes_and_umlauts_is_a_path() throws Exception {
        Path unusual = directory.resolve("a folder's \"name\" für $HOME");
        int port = Ports.free(1).getFirst();
        try (PostgresServer postgres = new PostgresServer(site(unusual), port)) {
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
                new KafkaBroker(site(unusual), kafkaPort, Ports.free(1).getFirst())) {
            kafka.start();
            assertThat(kafka.isAlive()).isTrue();
            assertThat(Files.exists(unusual.resolve("kafka/data/meta.properties")))
                    .isTrue();
        }
    }

    @Test
    void a_pid_that_was_given_to_another_process_is_left_alone() throws IOException {
        ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();
        assertThat(self.isAlive()).isTrue();

        Files.createDirectories(directory.resolve("postgres"));
        new ProcessIdentity(self.pid(), "before").write(directory.resolve("postgres/postgres.pid"));
        try (PostgresServer postgres = new PostgresServer(site(directory), 1)) {
            assertThat(postgres.isAlive()).isFalse();
            postgres.stop(TerminationStyle.ABRUPT);
        }
        // Whoever reads this has not been killed.
        assertThat(self.isAlive()).isTrue();
    }

    @Test
    void a_part_that_was_stopped_for_good_starts_no_more() {
        PostgresServer postgres =
                new PostgresServer(site(directory), Ports.free(1).getFirst());
        postgres.end(TerminationStyle.ABRUPT);
        assertThatThrownBy(postgres::start).hasMessage("postgres has been stopped for good");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void a_process_that_somebody_else_has_killed_is_guarded_no_longer_once_it_is_found_dead() {
        List<ProcessHandle> before = ProcessHandle.current().children().toList();
        ChildProcess child = ChildProcess.spawn(
                List.of("sleep", "600"),
                Map.of(),
                directory,
                directory.resolve("log"),
                directory.resolve("pid"),
                Lifetime.WITH_THIS_JVM);
        assertThat(ProcessHandle.of(child.pid()).orElseThrow().destroyForcibly())
                .isTrue();
        await().until(() -> !child.isAlive());
        // Neither the process nor its watchdog, which would kill whoever has the id by then.
        await().untilAsserted(
                        () -> assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
                                .isSubsetOf(before));
    }

    @Test
    void free_ports_are_free_and_not_handed_out_twice() {
        assertThat(Ports.free(20)).doesNotHaveDuplicates().allMatch(Ports::isFree);
    }

    private static RunContext site(Path directory) {
        return new RunContext(ProjectHome.locate(), directory, Lifetime.WITH_THIS_JVM);
    }
}
