package io.onlyonce.ingest.delivery;

import io.onlyonce.web.HealthCheck;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.springframework.stereotype.Component;

/** The current delivery settings and their sender. A sender is created on first use and kept until shutdown. */
@Component
public final class Delivery implements HealthCheck, AutoCloseable {
    private final DeliveryProperties properties;
    private final DeliveryMetrics metrics;
    private final Map<DeliverySettings, OrderSender> senders = new ConcurrentHashMap<>();
    private volatile DeliverySettings settings;
    private volatile OrderSender sender;

    Delivery(DeliveryProperties properties, DeliveryMetrics metrics) {
        this.properties = properties;
        this.metrics = metrics;
        this.settings = new DeliverySettings(properties.deliveryMode(), properties.enableTransactions());
        this.sender = senderFor(settings);
        metrics.watch(() -> settings.mode());
    }

    public DeliverySettings settings() {
        return settings;
    }

    /** The sender for the next request. */
    public OrderSender sender() {
        return sender;
    }

    /** Changes the settings for the next request. Requests in flight keep their sender. */
    public synchronized DeliverySettings change(UnaryOperator<DeliverySettings> change) {
        settings = change.apply(settings);
        sender = senderFor(settings);
        return settings;
    }

    private OrderSender senderFor(DeliverySettings wanted) {
        DeliverySettings effective = new DeliverySettings(wanted.mode(), wanted.transactional());
        return senders.computeIfAbsent(
                effective,
                key -> key.transactional()
                        ? new TransactionalSender(properties, metrics)
                        : new PlainSender(key, properties, metrics));
    }

    @Override
    public Optional<String> problem() {
        return sender.problem();
    }

    @Override
    public void close() {
        senders.values().forEach(OrderSender::close);
    }
}
