package io.onlyonce.launcher.stack;

import io.onlyonce.platform.Directories;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.RunContext;
import io.onlyonce.platform.process.Watchdog;
import io.onlyonce.verifier.ProcessControl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A stack on free ports. It is killed and its data is deleted by {@link #close()}, or when this JVM ends for any reason. */
public final class TemporaryStack implements AutoCloseable {
    private final Path directory;
    private final Optional<Watchdog> watchdog;
    private final Stack stack;
    private final StackFaults faults;
    private final Thread shutdownHook = new Thread(this::end, "end-of-stack");
    private boolean ended;

    /** @param keep whether data and logs are kept, for the analysis of a failure */
    public TemporaryStack(boolean keep, RunContext.Purpose purpose) {
        ProjectHome home = ProjectHome.locate();
        Path parent = UserStack.stateDirectory(home);
        try {
            directory = Files.createTempDirectory(Files.createDirectories(parent), "run-");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create a directory in " + parent, e);
        }
        watchdog = keep ? Optional.empty() : Optional.of(Watchdog.over(directory));
        stack = new Stack(new RunContext(home, directory, Lifetime.WITH_THIS_JVM, purpose), StackPorts.free());
        faults = new StackFaults(stack, directory);
        Runtime.getRuntime().addShutdownHook(shutdownHook);
    }

    public Stack stack() {
        return stack;
    }

    public ProcessControl faults() {
        return faults;
    }

    Path directory() {
        return directory;
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(shutdownHook);
        end();
    }

    private synchronized void end() {
        if (ended) {
            return;
        }
        ended = true;
        faults.end();
        if (watchdog.isEmpty()) {
            System.err.println("Data and logs are in " + directory);
            return;
        }
        try {
            Directories.delete(directory);
            watchdog.get().close();
        } catch (IOException e) {
            System.err.println("Cannot delete " + directory + ": " + e.getMessage());
        }
    }
}
