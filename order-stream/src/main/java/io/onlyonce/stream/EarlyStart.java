package io.onlyonce.stream;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Starts the stream as soon as the settings are known, before Spring has looked for a single bean: after a crash the
 * group is joined and the memory restored while the HTTP side still comes up, which takes several seconds.
 */
final class EarlyStart implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    @Override
    public void initialize(ConfigurableApplicationContext context) {
        // The build works out the context with the initializers applied, beside whatever stack may be running here.
        if (Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
            return;
        }
        ProcessEnd.prepare();
        StreamSettings settings = Binder.get(context.getEnvironment())
                .bind("onlyonce.stream", StreamSettings.class)
                .get();
        PersistedState persisted = new PersistedState(settings.stateDir(), settings.initialMode());
        StreamMetrics metrics = new StreamMetrics(persisted);
        OrderLog orderLog = new OrderLog();
        OrderJournal journal = new OrderJournal(orderLog, metrics::observeLatency);
        metrics.observe(journal);
        Seats seats = new Seats(settings.instanceId());
        SimulatedCrash crash = new SimulatedCrash(seats, persisted, orderLog);
        Faults faults = new Faults(crash);
        ThreadFailures failures = new ThreadFailures(journal);
        OrderStream stream = new OrderStream(settings, persisted, faults, journal, failures, seats, metrics::observe);
        stream.start();

        ConfigurableListableBeanFactory beans = context.getBeanFactory();
        beans.registerSingleton("streamSettings", settings);
        beans.registerSingleton("persistedState", persisted);
        beans.registerSingleton("streamMetrics", metrics);
        beans.registerSingleton("orderJournal", journal);
        beans.registerSingleton("simulatedCrash", crash);
        beans.registerSingleton("faults", faults);
        beans.registerSingleton("threadFailures", failures);
        beans.registerSingleton("orderStream", stream);
        context.addApplicationListener(event -> {
            if (event instanceof ContextClosedEvent) {
                stream.close();
            }
        });
    }
}
