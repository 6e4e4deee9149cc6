package io.onlyonce.ingest;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Records when Tomcat received a request, which is before the request has a thread. If the processor is busy, a request
 * can wait for its thread longer than for everything else.
 */
@Component
final class Arrival implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {
    private static final ScopedValue<Event> EVENT = ScopedValue.newInstance();

    /** @param used whether a request had this event; further requests on the same connection arrived later */
    private record Event(long nanoTime, AtomicBoolean used) {}

    @Override
    public void customize(ConfigurableTomcatWebServerFactory factory) {
        factory.addProtocolHandlerCustomizers(handler -> handler.setExecutor(recording(handler.getExecutor())));
    }

    /** @param threads runs a task for each event of a connection */
    static Executor recording(Executor threads) {
        return task -> {
            Event event = new Event(System.nanoTime(), new AtomicBoolean());
            threads.execute(() -> ScopedValue.where(EVENT, event).run(task));
        };
    }

    /** Returns the arrival of the current request as {@link System#nanoTime()}. For one call per request. */
    static long nanoTime() {
        return EVENT.isBound() && EVENT.get().used().compareAndSet(false, true)
                ? EVENT.get().nanoTime()
                : System.nanoTime();
    }
}
