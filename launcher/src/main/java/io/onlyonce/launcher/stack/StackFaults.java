package io.onlyonce.launcher.stack;

import io.onlyonce.platform.Component;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.RunContext;
import io.onlyonce.platform.ServiceProcess.Program;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.verifier.ComponentName;
import io.onlyonce.verifier.ProcessControl;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The fault injector for the processes of a stack. */
final class StackFaults implements ProcessControl {
    private final Stack stack;
    private final Path directory;
    private Optional<Component> zombie = Optional.empty();
    private int replacements;

    /** @param directory receives the data of replacements */
    StackFaults(Stack stack, Path directory) {
        this.stack = stack;
        this.directory = directory;
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

    /** Kills all processes of the stack, a zombie included. */
    void end() {
        zombie.ifPresent(process -> process.stop(TerminationStyle.ABRUPT));
        stack.end(TerminationStyle.ABRUPT);
    }

    private Component running(ComponentName name) {
        Component component = stack.component(name);
        if (!component.isAlive()) {
            throw new IllegalStateException(name.wireName() + " ended unexpectedly");
        }
        return component;
    }
}
