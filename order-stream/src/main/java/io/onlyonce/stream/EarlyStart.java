package io.onlyonce.stream;

import io.onlyonce.stream.faults.Faults;
import io.onlyonce.stream.faults.SimulatedCrash;
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
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Creates and starts the stream before Spring creates its beans. After a crash, the stream then restores its store and
 * processes orders while the HTTP server is still starting. docs/decisions/0003-recovery.md shows how much time this saves.
 */
final class EarlyStart implements ApplicationContextInitializer<ConfigurableApplicationContext> {
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
        PersistedState persisted = new PersistedState(settings.stateDir(), settings.initialMode());
        OrderStats stats = new OrderStats();
        StreamMetrics metrics = new StreamMetrics(stats, persisted);
        StaticMemberClients clients = new StaticMemberClients(settings.instanceId());
        SimulatedCrash crash = new SimulatedCrash(clients::flush, persisted, stats);
        Faults faults = new Faults(crash);
        stats.expectErrors(Faults.SIMULATED_FAILURE);
        ThreadFailures failures =
                new ThreadFailures(Faults::isSimulated, cause -> stats.error(Faults.errorType(cause)));
        OrderStream stream = new OrderStream(
                settings,
                persisted,
                mode -> topology(settings, mode, faults, stats),
                clients,
                failures,
                metrics::observe);
        stream.start();
        Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("order-stats").factory())
                .scheduleAtFixedRate(stats::everySecond, 1, 1, TimeUnit.SECONDS);
        context.addApplicationListener(event -> {
            if (event instanceof ContextClosedEvent) {
                stream.close();
            }
        });
        Map.of(
                        "streamSettings", settings,
                        "persistedState", persisted,
                        "streamMetrics", metrics,
                        "orderStats", stats,
                        "simulatedCrash", crash,
                        "faults", faults,
                        "orderStream", stream)
                .forEach(context.getBeanFactory()::registerSingleton);
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
