package io.onlyonce.launcher;

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

/** The verifier's hand on a stack's processes. */
final class StackFaults implements ProcessControl {
    private final Stack stack;
    private final Path directory;
    private Optional<Component> zombie = Optional.empty();
    private int replacements;

    /** @param directory where replacements have their data */
    StackFaults(Stack stack, Path directory) {
        this.stack = stack;
        this.directory = directory;
    }

    @Override
    public Set<ComponentName> ended() {
        return Arrays.stream(ComponentName.values())
                .filter(part -> !target(part).isAlive())
                .collect(Collectors.toSet());
    }

    @Override
    public void kill9(ComponentName part) {
        running(part).stop(TerminationStyle.ABRUPT);
    }

    @Override
    public void start(ComponentName part) {
        target(part).start();
    }

    @Override
    public void freeze(ComponentName part) {
        running(part).freeze();
    }

    /** Only the stream: nobody addresses it, so that its twin may listen elsewhere. It has the name, but not the disk. */
    @Override
    public boolean replace(ComponentName part) {
        if (part != ComponentName.CONSUMER) {
            return false;
        }
        Path own = directory.resolve("replacement-" + ++replacements);
        RunContext site = new RunContext(ProjectHome.locate(), own, Lifetime.WITH_THIS_JVM);
        Component twin = stack.service(site, Program.CONSUMER, Ports.free(1).getFirst());
        twin.start();
        zombie = Optional.of(target(part));
        stack.replace(ComponentName.CONSUMER, twin);
        return true;
    }

    @Override
    public void thaw(ComponentName part) {
        zombie.orElseGet(() -> target(part)).thaw();
    }

    @Override
    public void killZombie(ComponentName part) {
        zombie.ifPresent(dead -> dead.stop(TerminationStyle.ABRUPT));
        zombie = Optional.empty();
    }

    /** For the end of a run: nothing of it is left. */
    void end() {
        zombie.ifPresent(dead -> dead.stop(TerminationStyle.ABRUPT));
        stack.end(TerminationStyle.ABRUPT);
    }

    private Component running(ComponentName part) {
        Component target = target(part);
        if (!target.isAlive()) {
            throw new IllegalStateException(part.wireName() + " has ended by itself");
        }
        return target;
    }

    private Component target(ComponentName part) {
        return stack.part(part);
    }
}
