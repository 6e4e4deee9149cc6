package io.onlyonce.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/** A process with all that it starts, known by a file that outlives whoever started it. */
final class ChildProcess implements RunningProgram {
    private static final Duration PAUSE = Duration.ofMillis(10);

    private final ProcessIdentity identity;
    private final Optional<Watchdog> watchdog;

    private ChildProcess(ProcessIdentity identity, Optional<Watchdog> watchdog) {
        this.identity = identity;
        this.watchdog = watchdog;
    }

    /** The process that somebody has started with this file, where it still runs. */
    static Optional<ChildProcess> find(Path pidFile) {
        return ProcessIdentity.read(pidFile)
                .filter(ProcessIdentity::isAlive)
                .map(identity -> new ChildProcess(identity, Optional.empty()));
    }

    /**
     * @param environment in addition to this JVM's
     * @param log appended to
     */
    static ChildProcess spawn(
            List<String> command,
            Map<String, String> environment,
            Path directory,
            Path log,
            Path pidFile,
            Lifetime lifetime) {
        ProcessBuilder builder = new ProcessBuilder(OwnSession.of(command))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            Optional<Watchdog> watchdog = switch (lifetime) {
                case WITH_THIS_JVM -> Optional.of(Watchdog.over(process.pid()));
                case DETACHED -> Optional.empty();
            };
            // One that has ended by now is found dead by whoever waits for it.
            ProcessIdentity identity =
                    ProcessIdentity.of(process.pid()).orElse(new ProcessIdentity(process.pid(), "ended"));
            identity.write(pidFile);
            return new ChildProcess(identity, watchdog);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a program to its end. @return its exit code; its output is appended to the log */
    static int run(List<String> command, Path directory, Path log, String input) {
        try {
            Process process = new ProcessBuilder(OwnSession.of(command))
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            try (Watchdog _ = Watchdog.over(process.pid());
                    var standardInput = process.outputWriter()) {
                standardInput.write(input);
                standardInput.close();
                return process.waitFor();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + command.getFirst(), e);
        }
    }

    @Override
    public long pid() {
        return identity.pid();
    }

    /** One that is found dead is guarded no longer: whoever gets its id would be killed when this JVM ends. */
    @Override
    public boolean isAlive() {
        boolean alive = identity.isAlive();
        if (!alive) {
            release();
        }
        return alive;
    }

    /** Those it has started and their like, of which PostgreSQL has one a connection. */
    private List<Long> descendants() {
        return ProcessHandle.of(pid()).stream()
                .flatMap(ProcessHandle::descendants)
                .map(ProcessHandle::pid)
                .toList();
    }

    @Override
    public void end(Signal signal, Duration patience) {
        if (!isAlive()) {
            return;
        }
        thaw();
        signal.send(List.of(pid()));
        if (!endsWithin(patience)) {
            kill();
        }
        release();
    }

    /** SIGKILL for the whole tree, as the kernel does it to a container. */
    @Override
    public void kill() {
        // Held first, so that it starts nothing while its children are counted.
        List<Long> tree = hold();
        Signal.KILL.send(tree);
        List<ProcessIdentity> living =
                tree.stream().flatMap(pid -> ProcessIdentity.of(pid).stream()).toList();
        while (living.stream().anyMatch(ProcessIdentity::isAlive)) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        release();
    }

    @Override
    public void freeze() {
        List<Long> tree = hold();
        // A process that stands still does not see its parent die.
        watchdog.ifPresent(dog -> dog.alsoOver(tree));
    }

    /** @return all that stand still now */
    private List<Long> hold() {
        if (!isAlive()) {
            return List.of();
        }
        Signal.STOP.send(List.of(pid()));
        List<Long> descendants = descendants();
        Signal.STOP.send(descendants);
        return LongStream.concat(LongStream.of(pid()), descendants.stream().mapToLong(Long::longValue))
                .boxed()
                .toList();
    }

    @Override
    public void thaw() {
        if (isAlive()) {
            List<Long> tree = new ArrayList<>(descendants());
            tree.add(pid());
            Signal.CONT.send(tree);
        }
    }

    @Override
    public boolean endsWithin(Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        while (isAlive()) {
            if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(Math.min(PAUSE.toNanos(), time.toNanos()));
        }
        return true;
    }

    /** To be called when it is known to have ended. */
    private void release() {
        watchdog.ifPresent(Watchdog::close);
    }
}
