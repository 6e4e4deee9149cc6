package io.onlyonce.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onlyonce.model.Topics;
import io.onlyonce.model.setup.TopicSetup;
import io.onlyonce.platform.process.ProcessIdentity;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlatformIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private Platform platform;

    @BeforeAll
    void start() {
        platform = Platform.builder()
                .withPostgres()
                .withConnect(new ConnectWorker.Plugins(
                        Path.of("src/test/resources/connect-worker.properties").toAbsolutePath(),
                        List.of(ProjectHome.locate().jdbcSinkPlugin())))
                .start();
    }

    @AfterAll
    void close() {
        platform.close();
        assertThat(platform.directory()).doesNotExist();
    }

    @Test
    void the_topics_of_the_contract_exist() throws Exception {
        try (Admin admin = admin()) {
            assertThat(admin.listTopics().names().get()).containsAll(Topics.ALL);
        }
    }

    @Test
    void existing_topics_are_not_changed_when_a_missing_topic_is_created() throws Exception {
        try (Admin admin = admin()) {
            TopicSetup.create(
                    admin,
                    List.of(new NewTopic(Topics.ORDERS, 2, (short) 1), new NewTopic("another-topic", 3, (short) 1)));
            assertThat(partitions(admin, Topics.ORDERS)).isEqualTo(Topics.DEFAULT_PARTITIONS);
            assertThat(partitions(admin, "another-topic")).isEqualTo(3);
            TopicSetup.create(admin, Topics.DEFAULT_PARTITIONS, 1);
        }
    }

    /** Repeated, because the broker usually receives the metadata of a new topic in time. */
    @Test
    void a_created_topic_has_leaders_immediately() throws Exception {
        try (Admin admin = admin()) {
            for (int i = 0; i < 50; i++) {
                String topic = "created-" + i;
                TopicSetup.create(admin, List.of(new NewTopic(topic, 6, (short) 1)));
                assertThat(partitions(admin, topic)).isEqualTo(6);
            }
        }
    }

    private Admin admin() {
        return Admin.create(Map.<String, Object>of("bootstrap.servers", platform.bootstrapServers()));
    }

    private static int partitions(Admin admin, String topic) throws Exception {
        return admin.describeTopics(List.of(topic))
                .topicNameValues()
                .get(topic)
                .get()
                .partitions()
                .size();
    }

    @Test
    void the_broker_has_a_version_without_kafka_20734() throws IOException {
        assertThat(Files.readString(platform.kafka().log()))
                .as("see docs/decisions/0004-broker-version.md")
                .contains("Kafka version: 4.2.1");
    }

    @Test
    void a_killed_broker_keeps_its_records() throws Exception {
        send("orders", "before");
        crash(platform.kafka());
        send("orders", "after");

        assertThat(read("orders")).contains("before", "after");
    }

    @Test
    void a_killed_postgres_keeps_its_rows() throws Exception {
        sql("CREATE TABLE kept (id int)");
        sql("INSERT INTO kept VALUES (1)");
        // PostgreSQL has a process per open connection.
        try (Connection _ = connection()) {
            crash(platform.postgres());
        }
        sql("INSERT INTO kept VALUES (2)");

        try (Connection connection = connection();
                var rows = connection.createStatement().executeQuery("SELECT sum(id) FROM kept")) {
            rows.next();
            assertThat(rows.getInt(1)).isEqualTo(3);
        }
    }

    @Test
    @DisabledIfSystemProperty(named = "lab.containers", matches = "true", disabledReason = "the pid is of a container")
    void postgres_starts_although_the_killed_server_is_still_a_zombie() throws Exception {
        Process parent = new ProcessBuilder("sh", "-c", "sleep 0.2 & echo $!; exec sleep 600").start();
        try {
            // The parent never waits for it.
            String zombie = parent.inputReader().readLine();
            Path stat = Path.of("/proc", zombie, "stat");
            Awaitility.await()
                    .atMost(TIMEOUT)
                    .until(() -> Files.readString(stat).contains(") Z "));
            platform.postgres().stop(TerminationStyle.ABRUPT);
            Path pidFile = platform.directory().resolve("postgres/data/postmaster.pid");
            List<String> lines = new ArrayList<>(Files.readAllLines(pidFile));
            lines.set(0, zombie);
            Files.write(pidFile, lines);

            platform.postgres().start();
        } finally {
            parent.destroyForcibly();
        }
    }

    /** PostgreSQL finds the remaining process through postmaster.pid. A second server would damage the data. */
    @Test
    @DisabledIfSystemProperty(named = "lab.containers", matches = "true", disabledReason = "the pid is of a container")
    void postgres_does_not_start_while_a_process_of_the_killed_server_runs() throws Exception {
        PostgresServer postgres = platform.postgres();
        ProcessHandle server = ProcessHandle.of(postgres.pid()).orElseThrow();
        try (Connection connection = connection();
                var row = connection.createStatement().executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            ProcessHandle session = ProcessHandle.of(row.getLong(1)).orElseThrow();
            new ProcessBuilder("sh", "-c", "kill -s STOP " + session.pid())
                    .start()
                    .waitFor();
            server.destroyForcibly();
            Awaitility.await().atMost(TIMEOUT).until(() -> !postgres.isAlive());
            assertThat(postgres.hasFailed()).isTrue();

            assertThatThrownBy(postgres::start)
                    .isInstanceOf(ComponentFailedException.class)
                    .hasMessageContaining("is still in use");
            session.destroyForcibly();
            Awaitility.await()
                    .atMost(TIMEOUT)
                    .until(() -> ProcessIdentity.of(session.pid()).isEmpty());
        }
        postgres.stop(TerminationStyle.ABRUPT);
        assertThat(postgres.hasFailed()).isFalse();
        postgres.start();
    }

    @Test
    @DisabledIfSystemProperty(
            named = "lab.containers",
            matches = "true",
            disabledReason = "the image sets the permissions of its files")
    void no_other_account_can_read_the_files_of_the_servers() throws IOException {
        Set<PosixFilePermission> ofOthers = PosixFilePermissions.fromString("---rw-rw-");
        List<Path> readable = new ArrayList<>();
        Files.walkFileTree(platform.directory(), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                return visitFile(directory, attributes);
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                try {
                    if (!Collections.disjoint(Files.getPosixFilePermissions(file), ofOthers)) {
                        readable.add(file);
                    }
                } catch (NoSuchFileException e) {
                    // A server has deleted its temporary file.
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                return FileVisitResult.CONTINUE;
            }
        });
        assertThat(readable).isEmpty();
        assertThat(platform.directory().resolve("connect/connect.properties")).exists();
        assertThat(platform.directory().resolve("postgres/data/PG_VERSION")).exists();
        assertThat(platform.kafka().log()).exists();
    }

    @Test
    void a_killed_worker_still_has_the_jdbc_sink() throws Exception {
        crash(platform.connect());

        HttpRequest request = HttpRequest.newBuilder(platform.connectUrl().resolve("/connector-plugins"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .contains("io.debezium.connector.jdbc.JdbcSinkConnector");
        }
    }

    @Test
    void a_frozen_broker_does_not_respond_until_it_is_thawed() throws Exception {
        platform.kafka().freeze();
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> send("orders.dlq", "delayed"));
        assertThat(platform.kafka().isAlive()).isTrue();
        assertThat(sent.isDone()).isFalse();
        assertThatThrownBy(() -> sent.get(2, TimeUnit.SECONDS))
                .isInstanceOf(java.util.concurrent.TimeoutException.class);

        platform.kafka().thaw();
        sent.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        assertThat(read("orders.dlq")).containsExactly("delayed");
    }

    @Test
    void a_frozen_postgres_does_not_respond_on_an_open_connection() throws Exception {
        try (Connection open = connection()) {
            platform.postgres().freeze();
            CompletableFuture<Void> response = CompletableFuture.runAsync(() -> {
                try {
                    open.createStatement().execute("SELECT 1");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThatThrownBy(() -> response.get(1, TimeUnit.SECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);

            platform.postgres().thaw();
            response.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void postgres_shuts_down_cleanly_on_a_graceful_stop() throws Exception {
        try (Connection _ = connection()) {
            platform.postgres().stop(TerminationStyle.GRACEFUL);
        }
        assertThat(platform.postgres().isAlive()).isFalse();
        assertThat(Files.readString(platform.postgres().log())).endsWith("database system is shut down\n");

        platform.postgres().start();
    }

    @Test
    void starting_a_running_component_has_no_effect() {
        long pid = platform.postgres().pid();
        platform.postgres().start();
        assertThat(platform.postgres().pid()).isEqualTo(pid);
    }

    @Test
    void two_platforms_do_not_share_records() {
        send("orders.duplicates", "first");
        try (Platform second =
                Platform.builder().withPostgres().withPartitions(1).start()) {
            assertThat(second.bootstrapServers()).isNotEqualTo(platform.bootstrapServers());
            assertThat(second.jdbcUrl()).isNotEqualTo(platform.jdbcUrl());
            assertThat(read(second.bootstrapServers(), "orders.duplicates", 1)).isEmpty();
        }
        assertThat(read("orders.duplicates")).containsExactly("first");
    }

    @Test
    @DisabledIfSystemProperty(
            named = "lab.containers",
            matches = "true",
            disabledReason = "a container cannot be found through its directory")
    void a_running_component_can_be_found_through_its_directory() {
        try (PostgresServer other = new PostgresServer(platform.context(), 1)) {
            assertThat(other.pid()).isEqualTo(platform.postgres().pid());
            assertThat(other.isAlive()).isTrue();
            assertThat(platform.postgres().isAlive()).isTrue();
        }
        platform.postgres().start();
    }

    private static void crash(Component component) {
        long pid = component.pid();
        List<Long> tree = new ArrayList<>(ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .map(ProcessHandle::pid)
                .toList());
        tree.add(pid);
        component.stop(TerminationStyle.ABRUPT);
        assertThat(component.isAlive()).isFalse();
        assertThat(tree)
                .allSatisfy(member -> assertThat(ProcessIdentity.of(member)).isEmpty());
        component.start();
        assertThat(component.pid()).isNotEqualTo(pid);
    }

    private void send(String topic, String value) {
        Properties config = new Properties();
        config.put("bootstrap.servers", platform.bootstrapServers());
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, 0, "key", value)).get();
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> read(String topic) {
        return read(platform.bootstrapServers(), topic, Topics.DEFAULT_PARTITIONS);
    }

    private static List<String> read(String bootstrapServers, String topic, int partitions) {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrapServers);
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            assertThat(consumer.partitionsFor(topic)).hasSize(partitions);
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<String> values = new ArrayList<>();
            Awaitility.await().atMost(TIMEOUT).until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
                return consumer.position(partition) >= end;
            });
            return values;
        }
    }

    private Connection connection() throws SQLException {
        PostgresServer server = platform.postgres();
        return DriverManager.getConnection(server.jdbcUrl(), server.user(), server.password());
    }

    private void sql(String statement) throws SQLException {
        try (Connection connection = connection()) {
            connection.createStatement().execute(statement);
        }
    }
}
