package io.onlyonce.launcher.stack;

import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.RunContext;
import io.onlyonce.verifier.Faults;
import java.io.IOException;

/** A stack on free ports. {@link #close()} or Ctrl-C kills it and deletes its data. */
public final class TemporaryStack implements AutoCloseable {
    private final RunDirectory directory;
    private final boolean keep;
    private final Stack stack;
    private final StackFaults faults;
    private final Thread shutdownHook = new Thread(this::end, "end-of-stack");
    private boolean ended;

    /** @param keep whether data and logs are kept, for the analysis of a failure */
    public TemporaryStack(boolean keep, RunContext.Purpose purpose) {
        ProjectHome home = ProjectHome.locate();
        this.keep = keep;
        this.directory = RunDirectory.in(UserStack.stateDirectory(home));
        this.stack =
                new Stack(new RunContext(home, directory.path(), Lifetime.WITH_THIS_JVM, purpose), StackPorts.free());
        this.faults = new StackFaults(stack, directory.path());
        Runtime.getRuntime().addShutdownHook(shutdownHook);
    }

    public Stack stack() {
        return stack;
    }

    public Faults faults() {
        return faults;
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
        try {
            if (keep) {
                directory.keep();
                System.err.println("Data and logs are in " + directory.path());
            } else {
                directory.delete();
            }
        } catch (IOException e) {
            System.err.println("Cannot delete " + directory.path() + ": " + e.getMessage());
        }
    }
}
