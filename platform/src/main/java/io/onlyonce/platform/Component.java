package io.onlyonce.platform;

import io.onlyonce.model.time.Deadline;
import io.onlyonce.platform.process.ChildProcess;
import io.onlyonce.platform.process.ContainerProgram;
import io.onlyonce.platform.process.Directories;
import io.onlyonce.platform.process.RunningProgram;
import io.onlyonce.platform.process.Signal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * A component of the system that runs as a separate operating-system process.
 *
 * <p>All durable state is in the component's directory: after any stop, {@link #start()} continues with the same data on
 * the same port. A subclass defines the program and its readiness check.
 */
public abstract sealed class Component implements AutoCloseable
        permits KafkaBroker, PostgresServer, ConnectWorker, ServiceProcess {
    /** Much longer than a start takes, because the machine can be busy. */
    private static final Duration START_TIMEOUT = Duration.ofSeconds(120);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(25);
    /** The JVM writes its AOT cache or its class data archive during the shutdown. */
    private static final Duration WRITING_STOP_TIMEOUT = Duration.ofSeconds(120);

    private static final Duration READINESS_INTERVAL = Duration.ofMillis(50);
    private static final int FEW_PROCESSORS = 4;
    private static final String FAST_COMPILER = "1";
    private static final String BOTH_COMPILERS = "4";

    final ProjectHome home;
    final Path directory;
    final int port;
    final Map<String, String> environment;
    private final String name;
    private final RunContext context;
    private final Path pidFile;
    private volatile Optional<RunningProgram> program;
    /** Guarded by this. The same lock serializes launches. */
    private boolean ended;

    Component(String name, RunContext context, int port, Map<String, String> environment) {
        this.home = context.home();
        this.directory = context.directory().resolve(name);
        this.port = port;
        this.environment = Map.copyOf(environment);
        this.name = name;
        this.context = context;
        this.pidFile = directory.resolve(name + ".pid");
        this.program = ChildProcess.find(pidFile);
    }

    /** Creates the files that the program needs. Called before each start, after the directory was created. */
    void prepare() throws IOException {}

    abstract List<String> command() throws IOException;

    abstract ContainerProgram.Image image();

    /** Called repeatedly during a start. An exception means that the component is not ready. */
    abstract boolean isReady() throws Exception;

    /** The signal that requests a clean shutdown. */
    Signal terminationSignal() {
        return Signal.TERM;
    }

    /** The name of the compose service: kafka, connect, postgres, producer, consumer or api. */
    public final String name() {
        return name;
    }

    /** The properties file of a Kafka program. */
    final Path settings() {
        return directory.resolve(name + ".properties");
    }

    /** The file with the standard output and error of all processes that this component has started. */
    public final Path log() {
        return directory.resolve(name + ".log");
    }

    /**
     * Returns when the component is ready to serve, or immediately if it is already ready.
     *
     * @throws ComponentFailedException with the end of the log, if the process ended or was not ready in time
     */
    public final void start() {
        launch();
        awaitReady(program.orElseThrow());
    }

    private synchronized void launch() {
        if (ended) {
            throw new IllegalStateException(name + " was stopped permanently");
        }
        if (isAlive()) {
            return;
        }
        try {
            Directories.createPrivate(context.directory());
            Directories.createPrivate(directory);
            deleteTemporaryFiles();
            Directories.createPrivate(temporaryFiles());
            prepare();
            if (ContainerProgram.Image.isEnabled()) {
                Path composeFile = home.root().resolve("docker-compose.yml");
                program = Optional.of(ContainerProgram.start(image(), composeFile, log()));
            } else {
                ChildProcess child = ChildProcess.spawn(command(), environment, directory, log(), pidFile);
                program = Optional.of(context.lifetime() == Lifetime.DETACHED ? child : child.guarded());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be started in " + directory, e);
        }
    }

    private void awaitReady(RunningProgram child) {
        boolean ready;
        try {
            ready = Deadline.in(START_TIMEOUT).await(READINESS_INTERVAL, () -> !child.isAlive() || isReadyNow());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted during the start of " + name, e);
        }
        // A process of another stack can have answered on the same port.
        if (!child.isAlive()) {
            throw new ComponentFailedException(name + " ended during its start", log());
        }
        if (!ready) {
            throw new ComponentFailedException(
                    name + " was not ready within " + START_TIMEOUT.toSeconds() + " s", log());
        }
    }

    private boolean isReadyNow() throws InterruptedException {
        try {
            return isReady();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return false;
        }
    }

    /** @throws IllegalStateException if the component is not running */
    public final long pid() {
        return program.filter(RunningProgram::isAlive)
                .orElseThrow(() -> new IllegalStateException(name + " is not running"))
                .pid();
    }

    /** Whether the process exists. A frozen process is alive. */
    public final boolean isAlive() {
        return program.filter(RunningProgram::isAlive).isPresent();
    }

    /** Whether the process has ended although no {@link #stop} requested it. */
    public final boolean hasFailed() {
        return !isAlive() && Files.exists(pidFile);
    }

    /** Returns the last line of the log. A JVM without memory prints the error as its last line. */
    public final String lastLogLine() {
        return ComponentFailedException.tail(log(), 1);
    }

    /** Returns when the process and its descendants have ended. A start that is in progress may fail. */
    public final void stop(TerminationStyle style) {
        boolean writes = context.purpose() == RunContext.Purpose.AOT_TRAINING || lacksArchive();
        Duration timeout = writes ? WRITING_STOP_TIMEOUT : STOP_TIMEOUT;
        program.ifPresent(child -> {
            switch (style) {
                case GRACEFUL -> child.terminate(terminationSignal(), timeout);
                case ABRUPT -> child.kill();
            }
        });
        try {
            // In the meantime, another JVM can have started the component again.
            if (ChildProcess.find(pidFile).isEmpty()) {
                Files.deleteIfExists(pidFile);
                deleteTemporaryFiles();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The temporary files of " + name + " cannot be deleted", e);
        }
    }

    /** Unpacked native libraries, for example. A JVM that is killed does not delete its own. */
    private Path temporaryFiles() {
        return directory.resolve("tmp");
    }

    private void deleteTemporaryFiles() throws IOException {
        Directories.delete(temporaryFiles());
    }

    /** Stops the component permanently: every later start fails. */
    public final void end(TerminationStyle style) {
        synchronized (this) {
            ended = true;
        }
        stop(style);
    }

    /** Sends SIGSTOP. The process keeps its connections but does nothing, as in a long pause. */
    public final void freeze() {
        program.ifPresent(RunningProgram::freeze);
    }

    public final void thaw() {
        program.ifPresent(RunningProgram::thaw);
    }

    @Override
    public final void close() {
        stop(TerminationStyle.GRACEFUL);
    }

    @SafeVarargs
    static <T> List<T> concat(List<T>... parts) {
        return Stream.of(parts).flatMap(List::stream).toList();
    }

    /** The start of the Java command of this component. */
    final List<String> java() {
        // An AOT training run also records profiles for the optimizing compiler.
        String level =
                context.purpose() == RunContext.Purpose.AOT_TRAINING ? BOTH_COMPILERS : compilation(System.getenv());
        return concat(jvm(), List.of("-XX:TieredStopAtLevel=" + level, "-Djava.io.tmpdir=" + temporaryFiles()));
    }

    /**
     * The last level of the JIT compilers: the setting TIERED_STOP_AT_LEVEL, or the default for this machine. On few
     * processors, the optimizing compiler competes with the load for minutes. The reasons and the measurements are in
     * docs/performance.md#compilers.
     */
    static String compilation(Map<String, String> environment) {
        boolean few = Runtime.getRuntime().availableProcessors() < FEW_PROCESSORS;
        return environment.getOrDefault("TIERED_STOP_AT_LEVEL", few ? FAST_COMPILER : BOTH_COMPILERS);
    }

    /**
     * The start of a Java command: the JDK that runs this code, with the serial collector. The default collector is
     * designed for large heaps: its concurrent marking used a fifth of the stream's CPU time.
     */
    static List<String> jvm() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                // A JVM that is killed leaves this file in the system's temporary directory.
                "-XX:-UsePerfData",
                // Without it, a thread ends with the error and the process stays alive, but no longer responds.
                "-XX:+ExitOnOutOfMemoryError",
                // JDK 25 warns about the libraries that use these features.
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow");
    }

    /** The JVM flags that use the AOT cache of this component or, in an AOT training run, create it. */
    final List<String> startupFlags(Path libraries) throws IOException {
        return startupCache().flags(libraries, context.purpose());
    }

    /** In integration tests: whether the next clean shutdown halves the processor time of later starts. */
    public final boolean lacksArchive() {
        return startupCache().lacksArchive();
    }

    private StartupCache startupCache() {
        return new StartupCache(home.root().resolve("platform/target/startup"), name);
    }

    /** Writes the common settings and those of this component. */
    final void writeSettings(Path common, Map<String, String> own) throws IOException {
        Properties properties = new Properties();
        properties.putAll(own);
        // To a stream, not to a writer: Kafka reads Latin-1, so that other characters must be escaped.
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        properties.store(text, "Settings of this component");
        Directories.writePrivate(
                settings(), Files.readString(common) + "\n" + text.toString(StandardCharsets.ISO_8859_1));
    }

    static boolean isHealthy(URI service) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) service.resolve("/health").toURL().openConnection();
        connection.setConnectTimeout(2_000);
        connection.setReadTimeout(5_000);
        try {
            return connection.getResponseCode() == 200;
        } finally {
            connection.disconnect();
        }
    }
}
