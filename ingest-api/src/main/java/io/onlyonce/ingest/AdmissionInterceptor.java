package io.onlyonce.ingest;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.onlyonce.ingest.delivery.Delivery;
import io.onlyonce.ingest.delivery.DeliveryProperties;
import io.onlyonce.model.time.Deadline;
import io.onlyonce.web.BrokerProbe;
import io.onlyonce.web.HealthCheck;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Sets the deadline of each request that sends orders. Rejects the request, before its body is read, if it cannot be
 * written in time: the broker does not answer, or too many requests wait.
 */
@Component
final class AdmissionInterceptor implements HandlerInterceptor, HealthCheck {
    /** The request attribute with the {@link Deadline}. */
    static final String DEADLINE = "onlyonce.deadline";

    /** Several, because a busy processor can also delay a probe. With the probe's timeout, this takes four seconds. */
    private static final int FAILED_PROBES = 3;

    private record Outage(String reason, long since, int failedProbes) {}

    private final BrokerProbe broker;
    private final Delivery delivery;
    private final DeliveryProperties properties;
    private final Counter unavailable;
    private final Counter overloaded;
    private volatile Optional<Outage> outage = Optional.empty();

    AdmissionInterceptor(BrokerProbe broker, Delivery delivery, DeliveryProperties properties, MeterRegistry registry) {
        this.broker = broker;
        this.delivery = delivery;
        this.properties = properties;
        this.unavailable = counter(registry, "unavailable");
        this.overloaded = counter(registry, "overloaded");
    }

    private static Counter counter(MeterRegistry registry, String reason) {
        return Counter.builder("ingest.rejected.requests")
                .description("Requests that were rejected on arrival; unavailable: nothing can be written")
                .tag("reason", reason)
                .register(registry);
    }

    /** The interval is short, so that requests are admitted again soon after the broker has been started. */
    @Scheduled(fixedDelayString = "PT0.5S")
    void probe() {
        long start = System.nanoTime();
        outage = broker.problem()
                .map(reason -> outage.map(known -> new Outage(reason, known.since(), known.failedProbes() + 1))
                        .orElse(new Outage(reason, start, 1)));
    }

    private Optional<Outage> current() {
        return outage.filter(
                found -> found.failedProbes() >= FAILED_PROBES && !delivery.hasWrittenSince(found.since()));
    }

    /** Health must not be ok before orders are accepted: the probe of a health check can succeed before the next one here. */
    @Override
    public Optional<String> problem() {
        return current().map(_ -> "Orders are rejected until the next probe of Kafka succeeds");
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        Deadline deadline =
                new Deadline(Arrival.nanoTime() + properties.answerWithin().toNanos());
        request.setAttribute(DEADLINE, deadline);
        current().map(Outage::reason).or(delivery::outage).ifPresent(reason -> reject(unavailable, reason));
        if (deadline.remaining().compareTo(properties.maxWait()) < 0) {
            reject(overloaded, "The service is overloaded: half of the time limit is over");
        }
        delivery.overload().ifPresent(reason -> reject(overloaded, "The service is overloaded: " + reason));
        return true;
    }

    private static void reject(Counter counter, String reason) {
        counter.increment();
        throw Problems.notWritten(reason);
    }
}
