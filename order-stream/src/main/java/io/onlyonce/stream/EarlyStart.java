package io.onlyonce.stream;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.stream.faults.Faults;
import io.onlyonce.stream.metrics.OrderStats;
import io.onlyonce.stream.metrics.StreamMetrics;
import io.onlyonce.stream.runtime.KafkaConfiguration;
import io.onlyonce.stream.runtime.OrderStream;
import io.onlyonce.stream.runtime.PersistedState;
import io.onlyonce.stream.runtime.ProcessEnd;
import io.onlyonce.stream.runtime.StaticMemberClients;
import io.onlyonce.stream.runtime.StreamSettings;
import io.onlyonce.stream.runtime.ThreadFailures;
import io.onlyonce.stream.topology.Mode;
import io.onlyonce.stream.topology.OrderTopology;
import io.onlyonce.stream.topology.TopologySettings;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/**
 * Creates and starts the stream before Spring creates its beans. After a crash, the stream then restores its store and
 * processes orders while the HTTP server is still starting. docs/decisions/0003-recovery.md shows how much time this saves.
 */
final class EarlyStart implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    /** Each has its own thread, because a check of Kafka can wait for the broker. */
    private static final int BACKGROUND_TASKS = 3;

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        // The build runs the initializers when it processes the application context ahead of time.
        if (Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
            return;
        }
        ProcessEnd.prepare();
        StreamSettings settings = Binder.get(context.getEnvironment())
                .bind("onlyonce.stream", StreamSettings.class)
                .get();
        PersistedState persisted =
                new PersistedState(settings.stateDir(), Mode.of(ProcessingMode.of(settings.processingMode())));
        OrderStats stats = new OrderStats();
        StaticMemberClients clients = new StaticMemberClients(settings.instanceId());
        Faults faults = new Faults((messages, record, source) -> {
            // On the stream thread that processed the message, so the message is sent, but not committed.
            clients.flush();
            persisted.countCrash();
            stats.crash(record, source, messages);
            ProcessEnd.CRASH.now();
        });
        ThreadPoolTaskScheduler background = background();
        OrderStream stream = new OrderStream(
                settings,
                persisted,
                mode -> topology(settings, mode, faults, stats),
                clients,
                new ThreadFailures(Faults.SimulatedFailure.class::isInstance, stats::error),
                background);
        stream.start();
        background.scheduleAtFixedRate(stats::everySecond, Duration.ofSeconds(1));
        context.addApplicationListener(event -> {
            if (event instanceof ContextClosedEvent) {
                background.shutdown();
                stream.close();
            }
        });
        Map.of(
                        "streamSettings", settings,
                        "persistedState", persisted,
                        "streamMetrics", new StreamMetrics(stats, persisted),
                        "orderStats", stats,
                        "faults", faults,
                        "orderStream", stream)
                .forEach(context.getBeanFactory()::registerSingleton);
    }

    /** Unlike a ScheduledExecutorService, it logs the exception of a periodic task and continues with the next run. */
    static ThreadPoolTaskScheduler background() {
        ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
        scheduler.setPoolSize(BACKGROUND_TASKS);
        scheduler.setDaemon(true);
        scheduler.setThreadNamePrefix("background-");
        scheduler.initialize();
        return scheduler;
    }

    private static Topology topology(StreamSettings settings, Mode mode, Faults faults, OrderStats stats) {
        Properties config = KafkaConfiguration.streams(settings, mode.processing());
        config.putAll(faults.topologyConfig());
        return OrderTopology.build(
                new TopologyConfig(new StreamsConfig(config)),
                new TopologySettings(mode, settings.retention(), settings.instanceId()),
                stats);
    }
}
