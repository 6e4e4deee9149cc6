package io.onlyonce.postgres.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.onlyonce.platform.ConnectWorker;
import io.onlyonce.platform.Platform;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.core.ConditionFactory;

/** A real Kafka, a real Connect worker with only this plugin, and a real PostgreSQL. Shared by all tests of the module. */
final class SinkFixture {
    static final int PARTITIONS = 3;

    private static final String SCHEMA = """
            {"type":"struct","name":"payment","optional":false,"fields":[
             {"field":"id","type":"string","optional":false},
             {"field":"amount","type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,
              "parameters":{"scale":"4"}},
             {"field":"tags","type":"array","optional":true,"items":{"type":"string","optional":false}},
             {"field":"at","type":"string","optional":false}]}""";

    private static final SinkFixture SHARED = new SinkFixture();

    private final HttpClient http = HttpClient.newHttpClient();
    private final Platform platform;
    private final KafkaProducer<String, String> producer;

    private SinkFixture() {
        Path module = Path.of("").toAbsolutePath();
        platform = Platform.builder()
                .withPostgres()
                .withConnect(new ConnectWorker.Plugins(
                        module.resolve("src/test/resources/connect-worker.properties"),
                        // An entry of plugin.path holds folders of jars.
                        List.of(module.resolve("target/plugins"))))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(platform::close));
        producer = producer();
    }

    static SinkFixture shared() {
        return SHARED;
    }

    Platform platform() {
        return platform;
    }

    private KafkaProducer<String, String> producer() {
        KafkaProducer<String, String> created = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        platform.bootstrapServers(),
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        "test-" + UUID.randomUUID()),
                new StringSerializer(),
                new StringSerializer());
        created.initTransactions();
        return created;
    }

    private Admin admin() {
        return Admin.create(Map.<String, Object>of("bootstrap.servers", platform.bootstrapServers()));
    }

    void createTopic(String name) {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param config a JSON object */
    void configure(String connector, String config) {
        patiently().untilAsserted(() -> {
            HttpResponse<String> response = rest("PUT", "/connectors/" + connector + "/config", config);
            assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
        });
    }

    /**
     * Commits the values in one transaction.
     *
     * @param partition null: the key, which is equal to the value, determines the partition
     */
    synchronized void send(String topic, Integer partition, List<String> values) {
        producer.beginTransaction();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (String value : values) {
            sent.add(producer.send(new ProducerRecord<>(topic, partition, value, value)));
        }
        producer.commitTransaction();
        sent.forEach(Future::resultNow);
    }

    /** A topic with two tables, and the connector that fills them: payments (by id) and payment_records (by coordinates). */
    Pipeline pipeline(String name) {
        return new Pipeline(name);
    }

    final class Pipeline {
        private final String name;

        private Pipeline(String name) {
            this.name = name;
            createTopic(name);
            execute("""
                    CREATE TABLE %1$s (id text PRIMARY KEY, amount numeric(12,2) NOT NULL, tags jsonb, at timestamptz NOT NULL);
                    CREATE TABLE %1$s_log (topic text, partition integer, "offset" bigint, id text NOT NULL CHECK (id <> 'refused'),
                                           stored_at timestamptz NOT NULL DEFAULT clock_timestamp())""".formatted(name));
        }

        void recreateTopic() {
            try (Admin admin = admin()) {
                admin.deleteTopics(List.of(name)).all().get();
                patiently().until(() -> !admin.listTopics().names().get().contains(name));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            createTopic(name);
        }

        /** Returns the ends of the partitions, in their order. */
        List<String> endOffsets() {
            return partitions(OffsetSpec.latest()).values().stream()
                    .map(end -> Long.toString(end))
                    .toList();
        }

        /** Deletes all records, as retention does. */
        void deleteRecords() {
            Map<TopicPartition, RecordsToDelete> all = new TreeMap<>(Comparator.comparing(TopicPartition::partition));
            partitions(OffsetSpec.latest())
                    .forEach((partition, end) -> all.put(partition, RecordsToDelete.beforeOffset(end)));
            try (Admin admin = admin()) {
                admin.deleteRecords(all).all().get();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private Map<TopicPartition, Long> partitions(OffsetSpec spec) {
            Map<TopicPartition, Long> offsets = new TreeMap<>(Comparator.comparing(TopicPartition::partition));
            try (Admin admin = admin()) {
                for (int i = 0; i < PARTITIONS; i++) {
                    TopicPartition partition = new TopicPartition(name, i);
                    offsets.put(
                            partition,
                            admin.listOffsets(Map.of(partition, spec))
                                    .partitionResult(partition)
                                    .get()
                                    .offset());
                }
                return offsets;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        Map<String, String> config() {
            Map<String, String> config = new TreeMap<>();
            config.put("connector.class", PostgresSinkConnector.class.getName());
            config.put("name", name);
            config.put("tasks.max", "2");
            config.put("topics", name);
            config.put("connection.url", platform.jdbcUrl());
            config.put("connection.user", platform.postgres().user());
            config.put("connection.password", platform.postgres().password());
            config.put("lock.timeout.ms", "2000");
            config.put("offsets.check.interval.ms", "500");
            config.put("kafka.bootstrap.servers", platform.bootstrapServers());
            config.put("tables", name + "," + name + "_log");
            config.put("table." + name + ".topics", name);
            config.put("table." + name + ".mode", "upsert");
            config.put("table." + name + ".key", "id");
            config.put("table." + name + "_log.topics", name);
            config.put("table." + name + "_log.columns", "topic=$topic,partition=$partition,offset=$offset");
            config.put("consumer.override.isolation.level", "read_committed");
            config.put("consumer.override.auto.offset.reset", "earliest");
            config.put("consumer.override.session.timeout.ms", "6000");
            config.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
            config.put("value.converter.schemas.enable", "true");
            config.put("value.converter.schema.content", SCHEMA.replace("\n", ""));
            config.put("errors.tolerance", "all");
            config.put("errors.deadletterqueue.topic.name", name + ".dlq");
            config.put("errors.deadletterqueue.topic.replication.factor", "1");
            config.put("errors.deadletterqueue.context.headers.enable", "true");
            return config;
        }

        Pipeline connect() {
            return connect(config());
        }

        Pipeline connect(Map<String, String> config) {
            configure(name, json(config));
            return this;
        }

        void send(List<String> values) {
            SinkFixture.this.send(name, null, values);
        }

        /** Payments PREFIX-0 to PREFIX-(count-1), in one transaction. */
        void sendPayments(String prefix, int count) {
            List<String> values = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                values.add(payment(prefix + "-" + i, "12.34"));
            }
            send(values);
        }

        long rows() {
            return number("SELECT count(*) FROM " + name);
        }

        long logRows() {
            return number("SELECT count(*) FROM " + name + "_log");
        }

        void awaitRows(long expected) {
            patiently()
                    .untilAsserted(() -> assertThat(List.of(rows(), logRows()))
                            .as(() -> "rows; "
                                    + rest("GET", "/connectors/" + name + "/status", "")
                                            .body())
                            .containsExactly(expected, expected));
        }

        long deadLetters() {
            return committed(name + ".dlq");
        }

        String status() {
            return rest("GET", "/connectors/" + name + "/status", "").body();
        }
    }

    static String payment(String id, String amount) {
        return "{\"id\":\"%s\",\"amount\":%s,\"tags\":[\"a\\tb\",\"größe \\\\ 靴\"],\"at\":\"2026-11-28T10:00:00.123456Z\"}"
                .formatted(id, amount);
    }

    /** Records of a topic; 0 if it does not exist. */
    long committed(String topic) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                platform.bootstrapServers(),
                "isolation.level",
                "read_committed",
                "key.deserializer",
                "org.apache.kafka.common.serialization.ByteArrayDeserializer",
                "value.deserializer",
                "org.apache.kafka.common.serialization.ByteArrayDeserializer");
        try (var consumer = new org.apache.kafka.clients.consumer.KafkaConsumer<byte[], byte[]>(config)) {
            var partitions = consumer.listTopics().getOrDefault(topic, List.of()).stream()
                    .map(partition -> new org.apache.kafka.common.TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var end = consumer.endOffsets(partitions);
            long records = 0;
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < end.get(partition))) {
                records += consumer.poll(Duration.ofMillis(50)).count();
            }
            return records;
        }
    }

    HttpResponse<String> rest(String method, String path, String body) {
        try {
            return http.send(
                    HttpRequest.newBuilder(platform.connectUrl().resolve(path))
                            .header("Content-Type", "application/json")
                            .timeout(Duration.ofSeconds(60))
                            .method(method, HttpRequest.BodyPublishers.ofString(body, UTF_8))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String json(Map<String, String> config) {
        StringBuilder json = new StringBuilder("{");
        config.forEach((key, value) -> json.append(json.length() > 1 ? "," : "")
                .append('"')
                .append(key)
                .append("\":\"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append('"'));
        return json.append('}').toString();
    }

    Connection connection() throws SQLException {
        return DriverManager.getConnection(
                platform.jdbcUrl(),
                platform.postgres().user(),
                platform.postgres().password());
    }

    void execute(String sql) {
        try (Connection connection = connection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    long number(String sql) {
        return Long.parseLong(text(sql));
    }

    String text(String sql) {
        return texts(sql).get(0);
    }

    /** Returns the first column. */
    List<String> texts(String sql) {
        List<String> texts = new ArrayList<>();
        try (Connection connection = connection();
                var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    static ConditionFactory patiently() {
        return await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(100));
    }
}
