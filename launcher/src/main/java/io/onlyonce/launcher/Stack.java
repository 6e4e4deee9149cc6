package io.onlyonce.launcher;

import io.onlyonce.model.Topics;
import io.onlyonce.model.setup.TopicSetup;
import io.onlyonce.platform.Component;
import io.onlyonce.platform.ConnectWorker;
import io.onlyonce.platform.KafkaBroker;
import io.onlyonce.platform.PostgresServer;
import io.onlyonce.platform.RunContext;
import io.onlyonce.platform.ServiceProcess;
import io.onlyonce.platform.ServiceProcess.Program;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.sink.Database;
import io.onlyonce.sink.SinkSetup;
import io.onlyonce.verifier.ComponentName;
import io.onlyonce.verifier.SystemUnderTest;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * The whole system: six processes, their wiring, and the order in which they can start.
 *
 * <p>What a stack is made of can be found again by another launcher through the site's directory.
 */
final class Stack {
    private final StackPorts ports;
    private final KafkaBroker kafka;
    private final PostgresServer postgres;
    private final ConnectWorker connect;
    private final Map<ComponentName, Component> parts = new EnumMap<>(ComponentName.class);

    Stack(RunContext site, StackPorts ports) {
        this.ports = ports;
        this.kafka = new KafkaBroker(site, ports.kafka(), ports.controller());
        this.postgres = new PostgresServer(site, ports.postgres());
        this.connect = new ConnectWorker(
                site,
                ports.connect(),
                kafka.bootstrapServers(),
                ConnectWorker.Plugins.shipped(site.home()),
                postgres.clientEnvironment());
        parts.put(ComponentName.KAFKA, kafka);
        parts.put(ComponentName.POSTGRES, postgres);
        parts.put(ComponentName.CONNECT, connect);
        parts.put(ComponentName.PRODUCER, service(site, Program.PRODUCER, ports.producer()));
        parts.put(ComponentName.CONSUMER, service(site, Program.CONSUMER, ports.consumer()));
        parts.put(ComponentName.API, service(site, Program.API, ports.api()));
    }

    /** A service wired to this stack; the site decides where its data is, so that a second one can have its own. */
    Component service(RunContext site, Program program, int port) {
        Path states = site.directory().resolve(program.partName()).resolve("state");
        Map<String, String> environment = Map.ofEntries(
                Map.entry("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers()),
                Map.entry("DATABASE_URL", postgres.jdbcUrl()),
                Map.entry("DATABASE_USER", postgres.user()),
                Map.entry("DATABASE_PASSWORD", postgres.password()),
                Map.entry("CONNECT_URL", connect.url().toString()),
                Map.entry("PRODUCER_URL", url(ports.producer()).toString()),
                Map.entry("CONSUMER_URL", url(ports.consumer()).toString()),
                Map.entry("INSTANCE_ID", program.partName() + "-1"),
                Map.entry("ADVERTISED_URL", url(port).toString()),
                Map.entry(
                        "BENCH_RESULTS",
                        site.home().root().resolve("docs/performance.json").toString()),
                Map.entry("STATE_DIR", states.toString()));
        return new ServiceProcess(site, program, port, environment);
    }

    Component part(ComponentName name) {
        return parts.get(name);
    }

    StackPorts ports() {
        return ports;
    }

    /** What takes the place of a part from now on: a replacement with the same identity. */
    void replace(ComponentName name, Component replacement) {
        parts.put(name, replacement);
    }

    URI url(ComponentName part) {
        return url(ports.of(part));
    }

    private static URI url(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    SystemUnderTest systemUnderTest() {
        return new SystemUnderTest(
                url(ComponentName.PRODUCER),
                url(ComponentName.CONSUMER),
                url(ComponentName.API),
                kafka.bootstrapServers(),
                postgres.jdbcUrl(),
                postgres.user(),
                postgres.password());
    }

    /**
     * Returns when every part serves and the connectors run; what ran before is left alone.
     *
     * @param ready told of each part as it becomes ready, and how long it took; from several threads
     * @throws io.onlyonce.platform.ComponentFailedException where one does not come up
     */
    void up(BiConsumer<String, Duration> ready) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var topics = step(threads, "kafka", ready, () -> {
                kafka.start();
                createTopics();
            });
            var tables = step(threads, "postgres", ready, () -> {
                postgres.start();
                sink().migrate();
            });
            var servers = CompletableFuture.allOf(topics, tables);
            var connectors = step(threads, "connect", ready, () -> {
                topics.join();
                connect.start();
                servers.join();
                sink().connect();
            });
            CompletableFuture<?>[] all = {
                connectors,
                startAfter(servers, threads, ComponentName.PRODUCER, ready),
                startAfter(servers, threads, ComponentName.CONSUMER, ready),
                startAfter(servers, threads, ComponentName.API, ready)
            };
            CompletableFuture.allOf(all).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private CompletableFuture<Void> startAfter(
            CompletableFuture<Void> servers,
            ExecutorService threads,
            ComponentName name,
            BiConsumer<String, Duration> ready) {
        return step(threads, name.wireName(), ready, () -> {
            servers.join();
            part(name).start();
        });
    }

    private interface Step {
        void run() throws InterruptedException, ExecutionException;
    }

    private static CompletableFuture<Void> step(
            ExecutorService threads, String name, BiConsumer<String, Duration> ready, Step step) {
        return CompletableFuture.runAsync(
                () -> {
                    long begun = System.nanoTime();
                    try {
                        step.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException("interrupted while " + name + " started", e);
                    } catch (ExecutionException e) {
                        throw new IllegalStateException(name + " could not be set up", e.getCause());
                    }
                    ready.accept(name, Duration.ofNanos(System.nanoTime() - begun));
                },
                threads);
    }

    private void createTopics() throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(
                Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()))) {
            TopicSetup.create(admin, Topics.DEFAULT_PARTITIONS, 1);
        }
    }

    private SinkSetup sink() {
        Database database = new Database(postgres.jdbcUrl(), postgres.user(), postgres.password());
        return new SinkSetup(database, connect.url(), line -> {});
    }

    /**
     * Of these parts, those that do not run yet must find their ports free: a stranger's answer on one of them would pass
     * for the part's own.
     *
     * @throws LabException which names the ports that are taken
     */
    void requireFreePorts(ComponentName... names) {
        String taken = Arrays.stream(names)
                .filter(name -> !part(name).isAlive())
                .flatMap(name -> ports.taken(name).stream().map(port -> "%d (%s)".formatted(port, name.wireName())))
                .collect(Collectors.joining(", "));
        if (!taken.isEmpty()) {
            throw new LabException(
                    "Something else listens on %s.%nStop it (ss -ltnp tells what it is), or shift this stack's ports: LAB_PORT_OFFSET=10000 ./lab up"
                            .formatted(taken));
        }
    }

    /** Stops what runs, against the flow. */
    void down(TerminationStyle style) {
        for (ComponentName name : ComponentName.values()) {
            part(name).stop(style);
        }
    }

    /** The same for good: what another thread is about to start does not start any more. */
    void end(TerminationStyle style) {
        for (ComponentName name : ComponentName.values()) {
            part(name).end(style);
        }
    }
}
