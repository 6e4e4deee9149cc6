package io.onlyonce.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the parts have in common; each adds its program and how one sees that it is ready. */
abstract sealed class ProcessComponent implements Component
        permits KafkaBroker, PostgresServer, ConnectWorker, ServiceProcess {
    /** Many times what it takes, for a machine that is busy with other things. */
    private static final Duration START_PATIENCE = Duration.ofSeconds(120);

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(25);
    /** A JVM that has rehearsed writes its cache before it ends. */
    private static final Duration REHEARSAL_STOP_PATIENCE = Duration.ofSeconds(120);

    private static final Duration PAUSE = Duration.ofMillis(50);

    private final String name;
    private final RunContext site;
    private final Path directory;
    private final Path pidFile;
    private volatile Optional<RunningProgram> program;
    /** Guarded by this, as are the set-up and the launch of a program. */
    private boolean ended;

    ProcessComponent(String name, RunContext site) {
        this.name = name;
        this.site = site;
        this.directory = site.directory().resolve(name);
        this.pidFile = directory.resolve(name + ".pid");
        this.program = ChildProcess.find(pidFile).map(RunningProgram.class::cast);
    }

    /** Lays out what the program needs to find; called before every start. */
    abstract void prepare() throws IOException;

    abstract List<String> command() throws IOException;

    /** The same program, of an image. */
    abstract ImageProgram image();

    Map<String, String> environment() {
        return Map.of();
    }

    /** Asked again and again while the process starts. Its exceptions mean no. */
    abstract boolean isReady() throws Exception;

    /** The flags with which the JVM of this part starts faster, or learns to. */
    final List<String> startupFlags(Path program) {
        StartupCache cache = StartupCache.of(site.home(), name, program);
        return switch (site.purpose()) {
            case WORK -> cache.used();
            case REHEARSAL -> cache.isFresh() ? cache.used() : cache.made();
        };
    }

    /** What the program takes as the request to end in good order. */
    Signal endSignal() {
        return Signal.TERM;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final Path log() {
        return directory.resolve(name + ".log");
    }

    /** The part's own folder. */
    final Path directory() {
        return directory;
    }

    @Override
    public final void start() {
        launch();
        awaitReady(program.orElseThrow());
    }

    private synchronized void launch() {
        if (ended) {
            throw new IllegalStateException(name + " has been stopped for good");
        }
        if (isAlive()) {
            return;
        }
        try {
            Files.createDirectories(directory);
            prepare();
            program = Optional.of(
                    ImageProgram.areChosen()
                            ? ContainerProgram.start(image(), site.home(), log())
                            : ChildProcess.spawn(command(), environment(), directory, log(), pidFile, site.lifetime()));
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be started in " + directory, e);
        }
    }

    private void awaitReady(RunningProgram child) {
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        while (!saysReady()) {
            if (child.endsWithin(PAUSE)) {
                throw new ComponentFailedException(name + " ended while it started", log());
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted while " + name + " started");
            }
            if (System.nanoTime() - deadline > 0) {
                throw new ComponentFailedException(
                        name + " is not ready after " + START_PATIENCE.toSeconds() + " s", log());
            }
        }
        // What has answered may be a stranger on the same port.
        if (!child.isAlive()) {
            throw new ComponentFailedException(name + " ended while it started", log());
        }
    }

    private boolean saysReady() {
        try {
            return isReady();
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return false;
        }
    }

    @Override
    public final long pid() {
        return program.filter(RunningProgram::isAlive)
                .orElseThrow(() -> new IllegalStateException(name + " does not run"))
                .pid();
    }

    @Override
    public final boolean isAlive() {
        return program.filter(RunningProgram::isAlive).isPresent();
    }

    @Override
    public final void stop(TerminationStyle style) {
        program.ifPresent(child -> {
            switch (style) {
                case GRACEFUL ->
                    child.end(
                            endSignal(),
                            switch (site.purpose()) {
                                case WORK -> STOP_PATIENCE;
                                case REHEARSAL -> REHEARSAL_STOP_PATIENCE;
                            });
                case ABRUPT -> child.kill();
            }
        });
    }

    @Override
    public final void end(TerminationStyle style) {
        synchronized (this) {
            ended = true;
        }
        stop(style);
    }

    @Override
    public final void freeze() {
        program.ifPresent(RunningProgram::freeze);
    }

    @Override
    public final void thaw() {
        program.ifPresent(RunningProgram::thaw);
    }

    @Override
    public final void close() {
        stop(TerminationStyle.GRACEFUL);
    }
}
