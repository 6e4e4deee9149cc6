package io.onlyonce.launcher.command;

import io.onlyonce.launcher.stack.LabException;
import io.onlyonce.launcher.stack.Stack;
import io.onlyonce.launcher.stack.StackStatus;
import io.onlyonce.platform.Component;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.platform.process.Directories;
import io.onlyonce.verifier.ComponentName;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that act on the stack of {@code ./lab up} and on its components. */
public final class StackCommands {
    private StackCommands() {}

    abstract static class ComponentCommand implements Callable<Integer> {
        @Parameters(paramLabel = "COMPONENT", description = "kafka, connect, postgres, producer, consumer or api")
        ComponentName name;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Stack stack = Stack.open(Lifetime.DETACHED);
            return run(stack, stack.component(name));
        }

        abstract int run(Stack stack, Component component) throws IOException, InterruptedException;
    }

    @Command(
            name = "kill",
            description = "Kill a component with kill -9. ./lab start COMPONENT starts it again.",
            mixinStandardHelpOptions = true)
    public static final class Kill extends ComponentCommand {
        @Override
        int run(Stack stack, Component component) {
            return act(component, killed -> killed.stop(TerminationStyle.ABRUPT), "Killed");
        }
    }

    @Command(
            name = "freeze",
            description =
                    "Freeze a component (SIGSTOP): it keeps its connections and does nothing, as in a long pause.",
            mixinStandardHelpOptions = true)
    public static final class Freeze extends ComponentCommand {
        @Override
        int run(Stack stack, Component component) {
            return act(component, Component::freeze, "Froze");
        }
    }

    @Command(name = "thaw", description = "Let a frozen component continue.", mixinStandardHelpOptions = true)
    public static final class Thaw extends ComponentCommand {
        @Override
        int run(Stack stack, Component component) {
            return act(component, Component::thaw, "Thawed");
        }
    }

    private static int act(Component component, Consumer<Component> action, String done) {
        if (!component.isAlive()) {
            System.err.println(component.name() + " is not running");
            return 1;
        }
        long pid = component.pid();
        action.accept(component);
        System.out.println(done + " " + component.name() + " (process " + pid + ")");
        return 0;
    }

    @Command(
            name = "start",
            description = "Start a component that was killed or has ended. Returns when the component is ready.",
            mixinStandardHelpOptions = true)
    public static final class Start extends ComponentCommand {
        @Override
        int run(Stack stack, Component component) {
            long started = System.nanoTime();
            try (Terminal terminal = new Terminal()) {
                if (component.isAlive()) {
                    terminal.note(component.name() + " is already running");
                    return 0;
                }
                stack.requireFreePorts(name);
                terminal.phase("Starting " + component.name());
                component.start();
                terminal.ready(component.name(), Duration.ofNanos(System.nanoTime() - started));
            }
            return 0;
        }
    }

    @Command(name = "logs", description = "Print the log of a component.", mixinStandardHelpOptions = true)
    public static final class Logs extends ComponentCommand {
        @Option(
                names = {"-f", "--follow"},
                description = "Print new lines until Ctrl-C")
        private boolean follow;

        @Option(
                names = {"-n", "--tail"},
                paramLabel = "LINES",
                defaultValue = "100",
                description = "Start with the last LINES lines (default: ${DEFAULT-VALUE})")
        private int lines;

        @Override
        int run(Stack stack, Component component) throws IOException, InterruptedException {
            if (!Files.exists(component.log())) {
                throw new LabException(
                        component.name() + " has no log because it was never started: " + component.log());
            }
            String log = component.log().toString();
            List<String> command = follow
                    ? List.of("tail", "-n", Integer.toString(lines), "-F", log)
                    : List.of("tail", "-n", Integer.toString(lines), log);
            Process tail = new ProcessBuilder(command).inheritIO().start();
            // Ctrl-C signals both processes, SIGTERM only this JVM.
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(tail::destroy));
            return tail.waitFor();
        }
    }

    @Command(
            name = "status",
            description = {
                "Show state, port and health of each component. Exits with 0 if all are running and healthy.",
                "A component that ended without a command has the state failed and the end of its log as its health."
            },
            mixinStandardHelpOptions = true)
    public static final class Status implements Callable<Integer> {
        @Override
        public Integer call() throws InterruptedException {
            StackStatus status = StackStatus.of(Stack.open(Lifetime.DETACHED));
            String row = "%-10s %-8s %-8s %-6s %s%n";
            System.out.printf(row, "COMPONENT", "STATE", "PID", "PORT", "HEALTH");
            for (StackStatus.Row component : status.rows()) {
                System.out.printf(
                        row,
                        component.name().wireName(),
                        component.state(),
                        component.pid(),
                        component.port(),
                        component.health());
            }
            return status.isHealthy() ? 0 : 1;
        }
    }

    @Command(
            name = "down",
            description = "Stop the stack, if it is running. Its data is kept for the next up.",
            mixinStandardHelpOptions = true)
    public static final class Down implements Callable<Integer> {
        @Option(
                names = {"-v", "--volumes"},
                description = "Also delete the data and the logs")
        private boolean volumes;

        @Override
        public Integer call() throws IOException {
            Stack stack = Stack.open(Lifetime.DETACHED);
            try (Terminal terminal = new Terminal()) {
                for (ComponentName name : ComponentName.values()) {
                    Component component = stack.component(name);
                    if (component.isAlive()) {
                        terminal.phase("  stopping " + component.name());
                    }
                    component.stop(TerminationStyle.GRACEFUL);
                }
            }
            if (volumes) {
                Directories.delete(Stack.userDirectory());
            }
            System.err.println("Stack stopped" + (volumes ? ", data deleted" : ""));
            return 0;
        }
    }
}
