package io.onlyonce.stream;

import static io.onlyonce.stream.Orders.json;
import static io.onlyonce.stream.Orders.text;
import static io.onlyonce.stream.Orders.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.onlyonce.model.Topics;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.RunContext;
import io.onlyonce.platform.ServiceProcess;
import io.onlyonce.stream.topology.OrderTopology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.core.ConditionFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real Kafka broker, the stream as separate processes, and a client that sends orders and reads the results. */
final class TestStack implements AutoCloseable {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final Platform platform = Platform.builder().start();
    private final KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
            Map.of(
                    ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                    platform.bootstrapServers(),
                    ProducerConfig.LINGER_MS_CONFIG,
                    0),
            new ByteArraySerializer(),
            new ByteArraySerializer());

    Platform platform() {
        return platform;
    }

    /** Creates an instance with its own state directory and port. If two instances have the same id, one is a zombie. */
    ServiceProcess instance(String instanceId, String directory) {
        return instance(instanceId, directory, 0);
    }

    ServiceProcess instance(String instanceId, String directory, int standbyReplicas) {
        int port = Ports.free(1).getFirst();
        Path home = platform.directory().resolve(directory);
        return new ServiceProcess(
                new RunContext(ProjectHome.locate(), home, Lifetime.WITH_THIS_JVM),
                ServiceProcess.Program.CONSUMER,
                port,
                Map.of(
                        "KAFKA_BOOTSTRAP_SERVERS",
                        platform.bootstrapServers(),
                        "INSTANCE_ID",
                        instanceId,
                        "STATE_DIR",
                        home.resolve("state").toString(),
                        "STALL_TIMEOUT",
                        "6s",
                        "NUM_STANDBY_REPLICAS",
                        Integer.toString(standbyReplicas),
                        "ADVERTISED_URL",
                        "http://127.0.0.1:" + port));
    }

    Admin admin() {
        return Admin.create(
                Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, platform.bootstrapServers()));
    }

    /** Creates a producer for large records that compress well. */
    KafkaProducer<byte[], byte[]> compressingProducer() {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        platform.bootstrapServers(),
                        ProducerConfig.COMPRESSION_TYPE_CONFIG,
                        "zstd",
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        Integer.MAX_VALUE),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    void send(String orderId) {
        producer.send(new ProducerRecord<>(Topics.ORDERS, utf8(orderId), json(orderId)));
        producer.flush();
    }

    /** Sends PREFIX-from to PREFIX-(to-1). */
    void sendAll(String prefix, int from, int to) {
        for (int i = from; i < to; i++) {
            String orderId = prefix + "-" + i;
            producer.send(new ProducerRecord<>(Topics.ORDERS, utf8(orderId), json(orderId)));
        }
        producer.flush();
    }

    /** Sends PREFIX-0 to PREFIX-(n-1) again, and waits until each is rejected because its id is still in the dedup store. */
    void awaitAllRejected(String prefix, int orders) {
        int before = rejected(prefix);
        sendAll(prefix, 0, orders);
        awaitSlowly().until(() -> rejected(prefix) == before + orders);
    }

    private int rejected(String prefix) {
        return records(Topics.DUPLICATES, prefix).size();
    }

    /** Sends the order to a partition, which need not be the one of its key. */
    void send(int partition, String orderId) {
        try (KafkaProducer<byte[], byte[]> fresh = compressingProducer()) {
            fresh.send(new ProducerRecord<>(Topics.ORDERS, partition, utf8(orderId), json(orderId)));
        }
    }

    void send(String key, String value) {
        producer.send(new ProducerRecord<>(Topics.ORDERS, utf8(key), utf8(value)));
        producer.flush();
    }

    /** Sends a record whose timestamp is before now, like a producer whose clock is wrong. */
    void send(String key, String value, Duration age) {
        long timestamp = System.currentTimeMillis() - age.toMillis();
        producer.send(new ProducerRecord<>(Topics.ORDERS, null, timestamp, utf8(key), utf8(value)));
        producer.flush();
    }

    /** Sends the orders PREFIX-0, PREFIX-1, ... until it is stopped. */
    Load load(String prefix, int perSecond) {
        return new Load(prefix, perSecond);
    }

    final class Load {
        private final Thread thread;
        private volatile boolean stopped;
        private volatile int sent;

        private Load(String prefix, int perSecond) {
            thread = Thread.ofVirtual().start(() -> {
                long start = System.nanoTime();
                while (!stopped) {
                    LockSupport.parkNanos(start + sent * 1_000_000_000L / perSecond - System.nanoTime());
                    String orderId = prefix + "-" + sent;
                    producer.send(new ProducerRecord<>(Topics.ORDERS, utf8(orderId), json(orderId)));
                    sent++;
                }
                producer.flush();
            });
        }

        int sent() {
            return sent;
        }

        /** @return the number of orders, all of which are in the topic */
        int stop() throws InterruptedException {
            stopped = true;
            thread.join();
            return sent;
        }
    }

    /** Returns the number of committed records of each order_id with the prefix. */
    Map<String, Integer> count(String topic, String prefix) {
        Map<String, Integer> counts = new HashMap<>();
        records(topic, prefix).forEach(record -> counts.merge(text(record.key()), 1, Integer::sum));
        return counts;
    }

    /** Returns the committed records of the order_ids with the prefix. */
    List<ConsumerRecord<byte[], byte[]>> records(String topic, String prefix) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        Map<String, Object> config = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                platform.bootstrapServers(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                10_000);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < end.get(partition))) {
                consumer.poll(Duration.ofMillis(50)).forEach(record -> {
                    if (text(record.key()).startsWith(prefix + "-")) {
                        records.add(record);
                    }
                });
            }
        }
        return records;
    }

    /** Waits until PREFIX-0 to PREFIX-(n-1) are all emitted. */
    Map<String, Integer> awaitProcessed(String prefix, int orders) {
        List<Map<String, Integer>> seen = new ArrayList<>();
        awaitSlowly().untilAsserted(() -> {
            Map<String, Integer> processed = count(Topics.PROCESSED, prefix);
            assertThat(processed).hasSize(orders);
            seen.add(processed);
        });
        return seen.getLast();
    }

    void awaitEachExactlyOnce(String prefix, int orders) {
        assertThat(awaitProcessed(prefix, orders))
                .allSatisfy((orderId, times) -> assertThat(times).as(orderId).isOne());
    }

    /** Waits until all records are processed and committed. */
    void awaitIdle() {
        try (Admin admin = admin()) {
            awaitSlowly().until(() -> {
                Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(
                                OrderTopology.APPLICATION_ID)
                        .partitionsToOffsetAndMetadata()
                        .get();
                Map<TopicPartition, OffsetSpec> ends = committed.keySet().stream()
                        .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
                return admin.listOffsets(ends).all().get().entrySet().stream()
                        .allMatch(end -> committed.get(end.getKey()).offset()
                                >= end.getValue().offset());
            });
        }
    }

    JsonNode get(ServiceProcess service, String path) {
        return MAPPER.readTree(call(service, path).body());
    }

    JsonNode post(ServiceProcess service, String path, String body) {
        HttpResponse<String> response = call(service, path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return MAPPER.readTree(response.body());
    }

    HttpResponse<String> call(ServiceProcess service, String path) {
        return exchange(HttpRequest.newBuilder(service.url().resolve(path)).GET());
    }

    HttpResponse<String> call(ServiceProcess service, String path, String body) {
        return exchange(HttpRequest.newBuilder(service.url().resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** Returns the sum of the metrics whose name and labels start with the prefix. */
    double metric(ServiceProcess service, String prefix) {
        return call(service, "/actuator/prometheus")
                .body()
                .lines()
                .filter(line -> line.startsWith(prefix))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    String log(ServiceProcess service) {
        try {
            return Files.readString(service.log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits long enough for a busy machine. */
    static ConditionFactory awaitSlowly() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(100));
    }

    private HttpResponse<String> exchange(HttpRequest.Builder request) {
        try {
            return http.send(request.timeout(Duration.ofSeconds(90)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
        http.close();
        platform.close();
    }
}
