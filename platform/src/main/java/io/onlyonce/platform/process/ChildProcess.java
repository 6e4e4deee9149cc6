package io.onlyonce.platform.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A process and its descendants. Its identity is in a file, so that another JVM can find the process. */
public final class ChildProcess implements RunningProgram {
    /** The command that starts a program in a new session. It execs the program, so the process id does not change. */
    private static final List<String> NEW_SESSION = Stream.of("/usr/bin/setsid", "/bin/setsid")
            .filter(program -> Files.isExecutable(Path.of(program)))
            .findFirst()
            .map(List::of)
            // macOS has Perl but no setsid.
            .orElse(List.of("perl", "-e", "use POSIX; POSIX::setsid(); exec {$ARGV[0]} @ARGV; die $!", "--"));

    /** The files that the program creates can contain passwords or orders, so that only their owner can access them. */
    private static final List<String> PRIVATE_FILES = List.of("/bin/sh", "-c", "umask 077; exec \"$@\"", "private");

    private final ProcessIdentity identity;
    private final Optional<Watchdog> watchdog;

    private ChildProcess(ProcessIdentity identity, Optional<Watchdog> watchdog) {
        this.identity = identity;
        this.watchdog = watchdog;
    }

    /** Finds the running process that was started with this file. */
    public static Optional<RunningProgram> find(Path pidFile) {
        return ProcessIdentity.read(pidFile)
                .filter(ProcessIdentity::isAlive)
                .map(identity -> new ChildProcess(identity, Optional.empty()));
    }

    /**
     * Starts a process that outlives this JVM unless it is {@link #guarded()}.
     *
     * @param environment variables in addition to those of this JVM
     * @param log receives the output; it is appended to
     */
    public static ChildProcess spawn(
            List<String> command, Map<String, String> environment, Path directory, Path log, Path pidFile)
            throws IOException {
        ProcessBuilder builder = builder(command, directory, log);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        // If the process has already ended, isAlive() returns false for the placeholder.
        ProcessIdentity identity =
                ProcessIdentity.of(process.pid()).orElse(new ProcessIdentity(process.pid(), "ended"));
        identity.write(pidFile);
        return new ChildProcess(identity, Optional.empty());
    }

    /** Makes sure that the process is killed when this JVM ends, even by SIGKILL. */
    public ChildProcess guarded() throws IOException {
        return new ChildProcess(identity, Optional.of(Watchdog.over(pid())));
    }

    /** Runs a program to its end and appends its output to the log. @return its exit code */
    public static int run(List<String> command, Path directory, Path log, String input) throws IOException {
        Process process = builder(command, directory, log).start();
        try (Watchdog _ = Watchdog.over(process.pid());
                var standardInput = process.outputWriter()) {
            standardInput.write(input);
            standardInput.close();
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while running " + command.getFirst(), e);
        }
    }

    private static ProcessBuilder builder(List<String> command, Path directory, Path log) throws IOException {
        Directories.createPrivateFile(log);
        return inNewSession(
                        Stream.concat(PRIVATE_FILES.stream(), command.stream()).toList())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    }

    /**
     * A new session has no controlling terminal. Ctrl-C then signals only the launcher, which stops the components in
     * order, and closing the terminal signals none of them.
     */
    static ProcessBuilder inNewSession(List<String> command) {
        return new ProcessBuilder(
                Stream.concat(NEW_SESSION.stream(), command.stream()).toList());
    }

    @Override
    public long pid() {
        return identity.pid();
    }

    /** Releases the watchdog of a process that has ended, because its id can be assigned to another process. */
    @Override
    public boolean isAlive() {
        boolean alive = identity.isAlive();
        if (!alive) {
            watchdog.ifPresent(Watchdog::close);
        }
        return alive;
    }

    @Override
    public void terminate(Signal signal, Duration timeout) {
        if (isAlive()) {
            thaw();
            signal.send(List.of(pid()));
            if (!endsWithin(timeout)) {
                kill();
            }
        }
    }

    @Override
    public void kill() {
        // Stops the tree first, so that no process can fork while its children are listed.
        List<Long> tree = stop();
        Signal.KILL.send(tree);
        List<ProcessIdentity> living =
                tree.stream().flatMap(pid -> ProcessIdentity.of(pid).stream()).toList();
        while (living.stream().anyMatch(ProcessIdentity::isAlive)) {
            LockSupport.parkNanos(POLL_INTERVAL.toNanos());
        }
        watchdog.ifPresent(Watchdog::close);
    }

    @Override
    public void freeze() {
        List<Long> tree = stop();
        // A stopped child cannot react to the end of its parent, so the watchdog must kill it too.
        watchdog.ifPresent(guard -> guard.alsoOver(tree));
    }

    /** @return the ids of all stopped processes */
    private List<Long> stop() {
        if (!isAlive()) {
            return List.of();
        }
        Signal.STOP.send(List.of(pid()));
        List<Long> tree = tree();
        Signal.STOP.send(tree);
        return tree;
    }

    @Override
    public void thaw() {
        if (isAlive()) {
            Signal.CONT.send(tree().reversed());
        }
    }

    /** The process and its descendants. */
    private List<Long> tree() {
        return ProcessHandle.of(pid()).stream()
                .flatMap(root -> Stream.concat(Stream.of(root), root.descendants()))
                .map(ProcessHandle::pid)
                .toList();
    }
}
