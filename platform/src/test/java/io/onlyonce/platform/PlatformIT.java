package io.onlyonce.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onlyonce.model.Topics;
import io.onlyonce.model.setup.TopicSetup;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
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
    private static final Duration PATIENCE = Duration.ofSeconds(60);

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
    void the_topics_of_the_contract_are_there() throws Exception {
        try (Admin admin = admin()) {
            assertThat(admin.listTopics().names().get()).containsAll(Topics.ALL);
        }
    }

    @Test
    void topics_that_are_there_are_left_alone_beside_one_that_is_made() throws Exception {
        try (Admin admin = admin()) {
            TopicSetup.create(
                    admin,
                    List.of(new NewTopic(Topics.ORDERS, 2, (short) 1), new NewTopic("made-beside-them", 3, (short) 1)));
            assertThat(partitions(admin, Topics.ORDERS)).isEqualTo(Topics.DEFAULT_PARTITIONS);
            assertThat(partitions(admin, "made-beside-them")).isEqualTo(3);
            TopicSetup.create(admin, Topics.DEFAULT_PARTITIONS, 1);
        }
    }

    /** Often, as a broker learns of a topic soon enough most of the time. */
    @Test
    void a_topic_that_was_made_has_leaders_at_once() throws Exception {
        try (Admin admin = admin()) {
            for (int i = 0; i < 50; i++) {
                String topic = "made-" + i;
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
    void the_broker_is_of_a_version_that_keeps_the_end_of_a_transaction() throws IOException {
        assertThat(Files.readString(platform.kafka().log()))
                .as("see docs/decisions/0004-broker-version.md")
                .contains("Kafka version: 4.2.1");
    }

    @Test
    void a_killed_broker_comes_back_with_its_records() throws Exception {
        send("orders", "before");
        crash(platform.kafka());
        send("orders", "after");

        assertThat(read("orders")).contains("before", "after");
    }

    @Test
    void a_killed_postgres_comes_back_with_its_rows() throws Exception {
        sql("CREATE TABLE kept (id int)");
        sql("INSERT INTO kept VALUES (1)");
        // Open connections are what a killed PostgreSQL leaves processes behind for.
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
    void a_killed_worker_comes_back_and_has_the_jdbc_sink() throws Exception {
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
    void a_frozen_broker_answers_nobody_until_it_is_thawed() throws Exception {
        platform.kafka().freeze();
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> send("orders.dlq", "patient"));
        assertThat(platform.kafka().isAlive()).isTrue();
        assertThat(sent.isDone()).isFalse();
        assertThatThrownBy(() -> sent.get(2, TimeUnit.SECONDS))
                .isInstanceOf(java.util.concurrent.TimeoutException.class);

        platform.kafka().thaw();
        sent.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(read("orders.dlq")).containsExactly("patient");
    }

    @Test
    void a_frozen_postgres_answers_on_no_connection_old_or_new() throws Exception {
        try (Connection old = connection()) {
            platform.postgres().freeze();
            CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> {
                try {
                    old.createStatement().execute("SELECT 1");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThatThrownBy(() -> answered.get(1, TimeUnit.SECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);

            platform.postgres().thaw();
            answered.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void a_graceful_stop_leaves_postgres_nothing_to_recover() throws Exception {
        try (Connection _ = connection()) {
            platform.postgres().stop(TerminationStyle.GRACEFUL);
        }
        assertThat(platform.postgres().isAlive()).isFalse();
        assertThat(Files.readString(platform.postgres().log())).endsWith("database system is shut down\n");

        platform.postgres().start();
    }

    @Test
    void a_start_of_what_runs_changes_nothing() {
        long pid = platform.postgres().pid();
        platform.postgres().start();
        assertThat(platform.postgres().pid()).isEqualTo(pid);
    }

    @Test
    void a_second_platform_has_its_own_records_beside_the_first() {
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
            disabledReason = "a container ends with those who started it")
    void whoever_comes_later_finds_a_part_by_its_directory() {
        try (PostgresServer other = new PostgresServer(platform.site(), 1)) {
            assertThat(other.pid()).isEqualTo(platform.postgres().pid());
            assertThat(other.isAlive()).isTrue();
            // Not its own: `close` must not stop what the other tests use.
            assertThat(platform.postgres().isAlive()).isTrue();
        }
        platform.postgres().start();
    }

    private static void crash(Component part) {
        long pid = part.pid();
        List<Long> tree = new ArrayList<>(ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .map(ProcessHandle::pid)
                .toList());
        tree.add(pid);
        part.stop(TerminationStyle.ABRUPT);
        assertThat(part.isAlive()).isFalse();
        assertThat(tree)
                .allSatisfy(member -> assertThat(ProcessIdentity.of(member)).isEmpty());
        part.start();
        assertThat(part.pid()).isNotEqualTo(pid);
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
            Awaitility.await().atMost(PATIENCE).until(() -> {
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
