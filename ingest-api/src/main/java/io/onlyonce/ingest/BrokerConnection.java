package io.onlyonce.ingest;

import io.onlyonce.ingest.delivery.DeliveryProperties;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.springframework.stereotype.Component;

/** The Kafka client of the health check. Thread-safe. */
@Component
final class BrokerConnection implements Supplier<Admin>, AutoCloseable {
    private final DeliveryProperties properties;
    private Optional<Admin> admin = Optional.empty();

    BrokerConnection(DeliveryProperties properties) {
        this.properties = properties;
    }

    /** Creates the client on first use, because the creation fails while the broker's host name is unresolvable. */
    @Override
    public synchronized Admin get() {
        if (admin.isEmpty()) {
            admin = Optional.of(Admin.create(Map.of(
                    AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                    properties.kafkaBootstrapServers(),
                    AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                    500)));
        }
        return admin.get();
    }

    /** Closes the client; the next use creates another one. A client whose thread has died of an error never responds. */
    @Override
    public synchronized void close() {
        admin.ifPresent(client -> client.close(Duration.ZERO));
        admin = Optional.empty();
    }
}
