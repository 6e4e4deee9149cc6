package io.onlyonce.ingest.delivery;

import io.onlyonce.web.HealthCheck;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.springframework.stereotype.Component;

/** The current delivery settings and their sender. A sender is created on first use and kept. */
@Component
public final class Delivery implements HealthCheck, AutoCloseable {
    private final DeliveryProperties properties;
    private final DeliveryMetrics metrics;
    private final Admission admission;
    private final Map<DeliverySettings, OrderSender> senders = new ConcurrentHashMap<>();
    private volatile DeliverySettings settings;
    private volatile OrderSender sender;

    Delivery(DeliveryProperties properties, DeliveryMetrics metrics) {
        this.properties = properties;
        this.metrics = metrics;
        this.admission = new Admission(properties.coldMaxRequests(), properties.maxWait());
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

    /** Replaces all producers, because a producer learns of new partitions of its topic only after minutes. */
    public synchronized void renewProducers() {
        close();
        senders.clear();
        sender = senderFor(settings);
    }

    private OrderSender senderFor(DeliverySettings wanted) {
        DeliverySettings effective = new DeliverySettings(wanted.mode(), wanted.transactional());
        return senders.computeIfAbsent(
                effective,
                key -> key.transactional()
                        ? new TransactionalSender(properties, metrics, admission)
                        : new PlainSender(key, properties, metrics, admission));
    }

    /** @return why nothing can be written at the moment; empty during a short interruption and during the start */
    public Optional<String> outage() {
        return sender.outage();
    }

    /** @return why a new request would wait longer than {@link DeliveryProperties#maxWait} */
    public Optional<String> overload() {
        return admission.overload();
    }

    /** @param nanoTime a value of {@link System#nanoTime()} */
    public boolean hasWrittenSince(long nanoTime) {
        return admission.hasWrittenSince(nanoTime);
    }

    @Override
    public Optional<String> problem() {
        return sender.problem().or(admission::stall);
    }

    @Override
    public void close() {
        senders.values().forEach(OrderSender::close);
    }
}
