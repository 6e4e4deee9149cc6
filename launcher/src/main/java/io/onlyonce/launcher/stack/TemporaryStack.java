package io.onlyonce.launcher.stack;

import io.onlyonce.platform.Component;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.RunContext;
import io.onlyonce.platform.ServiceProcess.Program;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.platform.process.Directories;
import io.onlyonce.platform.process.Watchdog;
import io.onlyonce.verifier.ComponentName;
import io.onlyonce.verifier.ProcessControl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A stack on free ports, and the fault injector for its processes. It is killed and its data is deleted by
 * {@link #close()}, or when this JVM ends for any reason.
 */
public final class TemporaryStack implements ProcessControl, AutoCloseable {
    final Path directory;
    private final Optional<Watchdog> watchdog;
    private final Stack stack;
    private final Thread shutdownHook = new Thread(this::end, "end-of-stack");
    private Optional<Component> zombie = Optional.empty();
    private int replacements;
    private boolean ended;

    /** @param keep whether data and logs are kept, for the analysis of a failure */
    public TemporaryStack(boolean keep, RunContext.Purpose purpose) {
        ProjectHome home = ProjectHome.locate();
        Path parent = Stack.stateDirectory(home);
        try {
            Directories.createPrivate(parent);
            directory = Files.createTempDirectory(parent, "run-");
            watchdog = keep ? Optional.empty() : Optional.of(Watchdog.over(directory));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create a directory in " + parent, e);
        }
        stack = new Stack(new RunContext(home, directory, Lifetime.WITH_THIS_JVM, purpose), StackPorts.free());
        Runtime.getRuntime().addShutdownHook(shutdownHook);
    }

    public Stack stack() {
        return stack;
    }

    @Override
    public Set<ComponentName> ended() {
        return Arrays.stream(ComponentName.values())
                .filter(name -> !stack.component(name).isAlive())
                .collect(Collectors.toSet());
    }

    @Override
    public void kill9(ComponentName name) {
        running(name).stop(TerminationStyle.ABRUPT);
    }

    @Override
    public void start(ComponentName name) {
        stack.component(name).start();
    }

    @Override
    public void freeze(ComponentName name) {
        running(name).freeze();
    }

    /** Only the stream can be replaced: no client depends on its port. The replacement starts without local state. */
    @Override
    public boolean replace(ComponentName name) {
        if (name != ComponentName.CONSUMER) {
            return false;
        }
        Path data = directory.resolve("replacement-" + ++replacements);
        RunContext context = new RunContext(ProjectHome.locate(), data, Lifetime.WITH_THIS_JVM);
        Component replacement =
                stack.service(context, Program.CONSUMER, Ports.free(1).getFirst());
        replacement.start();
        zombie = Optional.of(stack.component(name));
        stack.replace(name, replacement);
        return true;
    }

    @Override
    public void thaw(ComponentName name) {
        zombie.orElseGet(() -> stack.component(name)).thaw();
    }

    @Override
    public void killZombie(ComponentName name) {
        zombie.ifPresent(process -> process.stop(TerminationStyle.ABRUPT));
        zombie = Optional.empty();
    }

    private Component running(ComponentName name) {
        Component component = stack.component(name);
        if (!component.isAlive()) {
            throw new IllegalStateException(name.wireName() + " ended unexpectedly");
        }
        return component;
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
        killZombie(ComponentName.CONSUMER);
        stack.end();
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
