package io.onlyonce.bench.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.stream.runtime.KafkaConfiguration;
import io.onlyonce.stream.runtime.StreamSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

/** Compares the configuration of the baselines with that of the shipped stream. */
class StreamClientsTest {
    private static final StreamSettings SETTINGS = new StreamSettings(
            "localhost:9092",
            "consumer-1",
            Path.of("state"),
            URI.create("http://localhost:8001"),
            2,
            0,
            true,
            Duration.ofDays(7),
            Duration.ofSeconds(30),
            ProcessingMode.EXACTLY_ONCE.wireName());

    private final Properties properties = KafkaConfiguration.streams(SETTINGS, ProcessingMode.EXACTLY_ONCE);
    private final StreamsConfig shipped = new StreamsConfig(properties);

    @Test
    void the_baselines_of_the_bench_have_the_client_settings_of_the_shipped_stream() {
        assertThat(shipped.getProducerConfigs("id")).containsAllEntriesOf(StreamClients.PRODUCER);
        Map<String, Object> consumer = shipped.getMainConsumerConfigs("group", "id", 0);
        assertThat(consumer).containsAllEntriesOf(StreamClients.CONSUMER);
    }

    @Test
    void the_baselines_of_the_bench_have_the_commit_interval_of_the_shipped_stream() {
        assertThat(StreamClients.COMMIT_INTERVAL).isEqualTo(KafkaConfiguration.COMMIT_INTERVAL);
    }
}
