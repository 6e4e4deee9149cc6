package io.onlyonce.launcher.stack;

import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.platform.Component;
import io.onlyonce.platform.ConnectWorker;
import io.onlyonce.platform.KafkaBroker;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.PostgresServer;
import io.onlyonce.platform.ProjectHome;
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
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The complete system: six processes, their configuration, and their start order.
 *
 * <p>Another launcher process finds the running components in the directory of the run context.
 */
public final class Stack {
    private final StackPorts ports;
    private final KafkaBroker kafka;
    private final PostgresServer postgres;
    private final ConnectWorker connect;
    private final Map<ComponentName, Component> components = new EnumMap<>(ComponentName.class);

    /** The stack of {@code ./lab up}: it uses the ports of the contract and keeps its data. */
    public static Stack open(Lifetime lifetime) {
        RunContext context = new RunContext(ProjectHome.locate(), userDirectory(), lifetime);
        return new Stack(context, StackPorts.contract(portOffset()));
    }

    /** The directory of {@link #open}: one per port offset, so that several stacks can run at the same time. */
    public static Path userDirectory() {
        return stateDirectory(ProjectHome.locate()).resolve("stack-" + portOffset());
    }

    /** The directory of the data, logs and process ids of all stacks. */
    static Path stateDirectory(ProjectHome home) {
        String setting = System.getenv().getOrDefault("LAB_STATE_DIR", "");
        Path directory = setting.isBlank() ? home.root().resolve(".lab") : Path.of(setting);
        return directory.toAbsolutePath().normalize();
    }

    private static int portOffset() {
        String setting = System.getenv().getOrDefault("LAB_PORT_OFFSET", "0");
        try {
            return Integer.parseInt(setting);
        } catch (NumberFormatException e) {
            throw new LabException("LAB_PORT_OFFSET must be an integer, but was \"" + setting + "\"");
        }
    }

    Stack(RunContext context, StackPorts ports) {
        this.ports = ports;
        this.kafka = new KafkaBroker(context, ports.of(ComponentName.KAFKA), ports.controller());
        this.postgres = new PostgresServer(context, ports.of(ComponentName.POSTGRES));
        this.connect = new ConnectWorker(
                context,
                ports.of(ComponentName.CONNECT),
                kafka.bootstrapServers(),
                ConnectWorker.Plugins.shipped(context.home()),
                postgres.clientEnvironment());
        components.put(ComponentName.KAFKA, kafka);
        components.put(ComponentName.POSTGRES, postgres);
        components.put(ComponentName.CONNECT, connect);
        components.put(ComponentName.PRODUCER, service(context, Program.PRODUCER, ports.of(ComponentName.PRODUCER)));
        components.put(ComponentName.CONSUMER, service(context, Program.CONSUMER, ports.of(ComponentName.CONSUMER)));
        components.put(ComponentName.API, service(context, Program.API, ports.of(ComponentName.API)));
    }

    /** Creates a service of this stack. Its data is in the directory of the context, so that a replacement has none. */
    Component service(RunContext context, Program program, int port) {
        String name = program.componentName();
        Map<String, String> environment = new HashMap<>(postgres.clientEnvironment());
        environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
        environment.put("CONNECT_URL", connect.url().toString());
        environment.put("PRODUCER_URL", url(ComponentName.PRODUCER).toString());
        environment.put("CONSUMER_URL", url(ComponentName.CONSUMER).toString());
        environment.put("INSTANCE_ID", name + "-1");
        environment.put("ADVERTISED_URL", "http://127.0.0.1:" + port);
        environment.put("BENCH_RESULTS", context.home().root() + "/docs/performance.json");
        // The command acts on the stack of ./lab up, and not on a temporary one.
        if (context.directory().equals(userDirectory())) {
            environment.put("CONTROL_PROGRAM", context.home().root() + "/lab");
        }
        environment.put("STATE_DIR", context.directory() + "/" + name + "/state");
        return new ServiceProcess(context, program, port, environment);
    }

    public Component component(ComponentName name) {
        return components.get(name);
    }

    /** Replaces a component with another process that has the same identity. */
    void replace(ComponentName name, Component replacement) {
        components.put(name, replacement);
    }

    public URI url(ComponentName component) {
        return URI.create("http://127.0.0.1:" + ports.of(component));
    }

    public SystemUnderTest systemUnderTest() {
        return new SystemUnderTest(
                url(ComponentName.PRODUCER),
                url(ComponentName.CONSUMER),
                url(ComponentName.API),
                kafka.bootstrapServers(),
                postgres.jdbcUrl(),
                postgres.user(),
                postgres.password(),
                // The services inherit the environment of this process.
                Optional.ofNullable(System.getenv("ADMIN_TOKEN")).filter(token -> !token.isBlank()));
    }

    /**
     * Starts the components that are not running. Returns when all components are ready and the connectors are running.
     *
     * @param listener receives the name of each component that becomes ready and its start-up time, from several threads
     * @throws io.onlyonce.platform.ComponentFailedException if a component does not start
     */
    public void up(BiConsumer<String, Duration> listener) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            BiFunction<ComponentName, Action, CompletableFuture<?>> starter =
                    (name, action) -> CompletableFuture.runAsync(() -> start(name, action, listener), threads);
            var topics = starter.apply(ComponentName.KAFKA, () -> {
                kafka.start();
                kafka.createTopics(Topics.DEFAULT_PARTITIONS);
            });
            var tables = starter.apply(ComponentName.POSTGRES, () -> {
                postgres.start();
                sink().migrate();
            });
            var servers = CompletableFuture.allOf(topics, tables);
            CompletableFuture<?>[] services = Stream.of(
                            ComponentName.PRODUCER, ComponentName.CONSUMER, ComponentName.API)
                    .map(name -> starter.apply(name, () -> {
                        servers.join();
                        component(name).start();
                    }))
                    .toArray(CompletableFuture<?>[]::new);
            var connectors = starter.apply(ComponentName.CONNECT, () -> {
                topics.join();
                connect.start();
                servers.join();
                sink().connect();
            });
            CompletableFuture.allOf(services).join();
            connectors.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private interface Action {
        void run() throws InterruptedException;
    }

    private static void start(ComponentName name, Action action, BiConsumer<String, Duration> listener) {
        long started = System.nanoTime();
        try {
            action.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted during the start of " + name.wireName(), e);
        }
        listener.accept(name.wireName(), Duration.ofNanos(System.nanoTime() - started));
    }

    /** Also of the query API, which inherits the environment of this process. */
    private static Sink selectedSink() {
        try {
            return Sink.of(System.getenv());
        } catch (IllegalArgumentException e) {
            throw new LabException(e.getMessage());
        }
    }

    private SinkSetup sink() {
        Database database = new Database(postgres.jdbcUrl(), postgres.user(), postgres.password());
        return new SinkSetup(selectedSink(), database, connect.url(), line -> {});
    }

    /**
     * Checks the ports of those components that are not running. A readiness check could otherwise be answered by an
     * unrelated process.
     *
     * @throws LabException with the ports that are in use
     */
    public void requireFreePorts(ComponentName... names) {
        String inUse = Arrays.stream(names)
                .filter(name -> !component(name).isAlive())
                .flatMap(name -> ports.inUse(name).map(port -> "%d (%s)".formatted(port, name.wireName())))
                .collect(Collectors.joining(", "));
        if (!inUse.isEmpty()) {
            throw new LabException("""
                    Another process uses %s.
                    Stop that process (ss -ltnp lists it), or use other ports: LAB_PORT_OFFSET=10000 ./lab up""".formatted(inUse));
        }
    }

    /** Stops the running components, the ingest API first. */
    public void down(TerminationStyle style) {
        components.values().forEach(component -> component.stop(style));
    }

    /** Kills all components permanently, so that a concurrent {@link #up} cannot start them. */
    void end() {
        components.values().forEach(component -> component.end(TerminationStyle.ABRUPT));
    }
}
