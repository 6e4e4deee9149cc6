package io.onlyonce.launcher;

import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.RunContext;
import java.io.IOException;
import java.nio.file.Path;

/** A stack of one's own, on free ports, gone with its data at {@link #close()}: also after Ctrl-C. */
final class TemporaryStack implements AutoCloseable {
    private final RunDirectory directory;
    private final boolean keep;
    private final Stack stack;
    private final StackFaults faults;
    private final Thread atExit = new Thread(this::end, "end-of-stack");
    private boolean ended;

    /** @param keep leave data and logs behind, for a look after a failure */
    TemporaryStack(boolean keep) {
        this(keep, RunContext.Purpose.WORK);
    }

    TemporaryStack(boolean keep, RunContext.Purpose purpose) {
        ProjectHome home = ProjectHome.locate();
        this.keep = keep;
        this.directory = StateDirectory.locate(home).ofRun();
        this.stack =
                new Stack(new RunContext(home, directory.path(), Lifetime.WITH_THIS_JVM, purpose), StackPorts.free());
        this.faults = new StackFaults(stack, directory.path());
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    Stack stack() {
        return stack;
    }

    StackFaults faults() {
        return faults;
    }

    Path directory() {
        return directory.path();
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        end();
    }

    private synchronized void end() {
        if (ended) {
            return;
        }
        ended = true;
        faults.end();
        try {
            if (keep) {
                directory.keep();
                System.err.println("Data and logs are left in " + directory.path());
            } else {
                directory.delete();
            }
        } catch (IOException e) {
            System.err.println(directory.path() + " could not be removed: " + e.getMessage());
        }
    }
}
