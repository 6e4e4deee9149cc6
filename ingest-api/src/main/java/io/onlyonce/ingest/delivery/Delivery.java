package io.onlyonce.ingest.delivery;

import io.onlyonce.model.DeliveryMode;
import io.onlyonce.web.HealthCheck;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.springframework.stereotype.Component;

/** The mode in force, and the senders opened so far. */
@Component
public class Delivery implements HealthCheck, AutoCloseable {
    private final DeliveryProperties properties;
    private final ProducerSettings settings;
    private final DeliveryMetrics metrics;
    private final Map<Promise, Sender> senders = new ConcurrentHashMap<>();
    private volatile Route route;

    /** What distinguishes senders: transactions are a matter of exactly-once only. */
    private record Promise(DeliveryMode mode, boolean transactional) {}

    /** Opens the sender of the first mode, in the background. */
    Delivery(DeliveryProperties properties, DeliveryMetrics metrics) {
        this.properties = properties;
        this.settings = new ProducerSettings(properties);
        this.metrics = metrics;
        this.route = route(new DeliverySettings(properties.deliveryMode(), properties.enableTransactions()));
        metrics.watch(() -> route.settings().mode());
    }

    /** What the next request is sent by. */
    public Route route() {
        return route;
    }

    /** The next request goes by the changed settings; those in flight keep the sender they have. */
    public synchronized DeliverySettings change(UnaryOperator<DeliverySettings> change) {
        DeliverySettings changed = change.apply(route.settings());
        route = route(changed);
        return changed;
    }

    private Route route(DeliverySettings wanted) {
        Sender sender = senders.computeIfAbsent(new Promise(wanted.mode(), wanted.transactional()), this::open);
        return new Route(wanted, sender, properties.recordMaxBytes().toBytes(), metrics);
    }

    private Sender open(Promise promise) {
        if (promise.transactional()) {
            return new TransactionalSender(properties, settings, metrics);
        }
        return new PlainSender(
                switch (promise.mode()) {
                    case EXACTLY_ONCE -> settings.idempotent();
                    case AT_LEAST_ONCE -> settings.atLeastOnce();
                    case AT_MOST_ONCE -> settings.atMostOnce();
                },
                properties.answerWithin());
    }

    @Override
    public Optional<String> problem() {
        return route.sender().problem();
    }

    @Override
    public void close() {
        senders.values().forEach(Sender::close);
    }
}
