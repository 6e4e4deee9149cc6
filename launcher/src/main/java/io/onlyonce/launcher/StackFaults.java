package io.onlyonce.launcher;

import io.onlyonce.platform.LabHome;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.Part;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ServiceProcess.Program;
import io.onlyonce.platform.Site;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.verifier.Faults;
import io.onlyonce.verifier.PartName;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The verifier's hand on a stack's processes. */
final class StackFaults implements Faults {
    private final Stack stack;
    private final Path directory;
    private Optional<Part> zombie = Optional.empty();
    private int replacements;

    /** @param directory where replacements have their data */
    StackFaults(Stack stack, Path directory) {
        this.stack = stack;
        this.directory = directory;
    }

    @Override
    public Set<PartName> ended() {
        return Arrays.stream(PartName.values())
                .filter(part -> !target(part).isAlive())
                .collect(Collectors.toSet());
    }

    @Override
    public void kill9(PartName part) {
        running(part).stop(TerminationStyle.ABRUPT);
    }

    @Override
    public void start(PartName part) {
        target(part).start();
    }

    @Override
    public void freeze(PartName part) {
        running(part).freeze();
    }

    /** Only the stream: nobody addresses it, so that its twin may listen elsewhere. It has the name, but not the disk. */
    @Override
    public boolean replace(PartName part) {
        if (part != PartName.CONSUMER) {
            return false;
        }
        Path own = directory.resolve("replacement-" + ++replacements);
        Site site = new Site(LabHome.locate(), own, Lifetime.WITH_THIS_JVM);
        Part twin = stack.service(site, Program.CONSUMER, Ports.free(1).getFirst());
        twin.start();
        zombie = Optional.of(target(part));
        stack.replace(PartName.CONSUMER, twin);
        return true;
    }

    @Override
    public void thaw(PartName part) {
        zombie.orElseGet(() -> target(part)).thaw();
    }

    @Override
    public void bury(PartName part) {
        zombie.ifPresent(dead -> dead.stop(TerminationStyle.ABRUPT));
        zombie = Optional.empty();
    }

    /** For the end of a run: nothing of it is left. */
    void end() {
        zombie.ifPresent(dead -> dead.stop(TerminationStyle.ABRUPT));
        stack.end(TerminationStyle.ABRUPT);
    }

    private Part running(PartName part) {
        Part target = target(part);
        if (!target.isAlive()) {
            throw new IllegalStateException(part.wireName() + " has ended by itself");
        }
        return target;
    }

    private Part target(PartName part) {
        return stack.part(part);
    }
}
