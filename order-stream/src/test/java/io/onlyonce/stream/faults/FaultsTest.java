package io.onlyonce.stream.faults;

import static io.onlyonce.stream.Orders.json;
import static io.onlyonce.stream.Orders.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import io.onlyonce.stream.faults.Faults.SimulatedFailure;
import io.onlyonce.stream.metrics.OrderStats;
import io.onlyonce.stream.runtime.KafkaConfiguration;
import io.onlyonce.stream.runtime.StreamSettings;
import io.onlyonce.stream.topology.Mode;
import io.onlyonce.stream.topology.OrderTopology;
import io.onlyonce.stream.topology.TopologySettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultsTest {
    @TempDir
    Path directory;

    private final List<Long> crashes = new ArrayList<>();
    private final Faults faults = new Faults((messages, record, source) -> crashes.add(source.offset()));
    private TopologyTestDriver driver;

    @BeforeEach
    void start() {
        StreamSettings settings = new StreamSettings(
                "localhost:9",
                "consumer-1",
                directory,
                URI.create("http://localhost:8001"),
                1,
                0,
                true,
                Duration.ofDays(7),
                Duration.ofSeconds(30),
                "exactly-once");
        Properties properties = KafkaConfiguration.streams(settings, ProcessingMode.EXACTLY_ONCE);
        Properties withFaults = new Properties();
        withFaults.putAll(properties);
        withFaults.putAll(faults.topologyConfig());
        Topology topology = OrderTopology.build(
                new TopologyConfig(new StreamsConfig(withFaults)),
                new TopologySettings(Mode.EXACTLY_ONCE, settings.retention(), settings.instanceId()),
                new OrderStats());
        driver = new TopologyTestDriver(topology, properties);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void a_failure_comes_before_any_output_and_before_the_dedup_store_is_written() {
        faults.set(new Faults.Plan(0, 1));
        assertThatThrownBy(() -> send("a")).hasRootCauseInstanceOf(SimulatedFailure.class);
        assertThat(outputs(Topics.PROCESSED)).isZero();
        try (KeyValueIterator<Object, Object> entries =
                driver.getKeyValueStore(OrderTopology.SEEN_ORDERS).all()) {
            assertThat(entries.hasNext()).isFalse();
        }
    }

    @Test
    void a_crash_comes_after_the_nth_message_since_it_was_set_independent_of_its_result() {
        send("before");
        faults.set(new Faults.Plan(3, 0));
        send("a");
        send("a");
        assertThat(crashes).isEmpty();
        send("k", utf8("no order"));
        assertThat(crashes).containsExactly(3L);
        assertThat(outputs(Topics.DEAD_LETTERS)).as("its output was sent").isOne();
        send("b");
        assertThat(crashes).as("once").hasSize(1);
    }

    @Test
    void a_change_of_the_failure_rate_does_not_restart_the_count_until_the_crash() {
        faults.set(new Faults.Plan(2, 0));
        send("a");
        faults.setFailureRate(0);
        send("b");
        assertThat(crashes).hasSize(1);
    }

    @Test
    void a_crash_that_is_set_to_zero_does_not_happen() {
        faults.set(new Faults.Plan(1, 0));
        faults.set(Faults.Plan.NONE);
        send("a");
        assertThat(crashes).isEmpty();
    }

    private void send(String orderId) {
        send(orderId, json(orderId));
    }

    private void send(String key, byte[] value) {
        driver.createInputTopic(Topics.ORDERS, new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(utf8(key), value);
    }

    private long outputs(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .getQueueSize();
    }
}
