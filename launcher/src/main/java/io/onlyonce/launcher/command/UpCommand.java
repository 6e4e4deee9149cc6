package io.onlyonce.launcher.command;

import io.onlyonce.launcher.stack.Stack;
import io.onlyonce.platform.Component;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.verifier.ComponentName;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "up",
        description = "Run the stack on the standard ports until Ctrl-C. Starts only components that are not running.",
        mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
    @Option(
            names = {"-d", "--detach"},
            description = "Return when all components are healthy. ./lab down stops them.")
    private boolean detach;

    @Override
    public Integer call() throws InterruptedException {
        Stack stack = Stack.open(detach ? Lifetime.DETACHED : Lifetime.WITH_THIS_JVM);
        stack.requireFreePorts(ComponentName.values());
        // Ctrl-C and a failed start stop only the components that this call has started.
        Set<ComponentName> spared = Arrays.stream(ComponentName.values())
                .filter(name -> stack.component(name).isAlive())
                .collect(Collectors.toCollection(ConcurrentHashMap::newKeySet));
        Thread shutdownHook = new Thread(() -> takeDown(stack, spared), "down");
        Runtime.getRuntime().addShutdownHook(shutdownHook);
        long started = System.nanoTime();
        try (Terminal terminal = new Terminal()) {
            terminal.phase("Starting in " + Stack.userDirectory());
            terminal.starting(List.of(ComponentName.values()));
            stack.up(terminal::ready);
            terminal.note("All components healthy after %.1f s".formatted((System.nanoTime() - started) / 1e9));
        }
        System.out.printf("  Ingest API   %s%n", stack.url(ComponentName.PRODUCER));
        System.out.printf("  Order stream %s%n", stack.url(ComponentName.CONSUMER));
        System.out.printf("  Query API    %s  (console)%n", stack.url(ComponentName.API));
        if (detach) {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } else {
            System.out.println(
                    spared.isEmpty()
                            ? "Press Ctrl-C to stop."
                            : "Press Ctrl-C to stop the components that this command has started.");
            watch(stack);
        }
        return 0;
    }

    private static void takeDown(Stack stack, Set<ComponentName> spared) {
        Set<ComponentName> started = EnumSet.allOf(ComponentName.class);
        started.removeAll(spared);
        if (started.isEmpty()) {
            return;
        }
        System.err.println("Stopping the components that this command has started");
        for (ComponentName name : started) {
            stack.component(name).end(TerminationStyle.GRACEFUL);
            // In the meantime, the user can have started another process with ./lab kill and ./lab start.
            Stack.open(Lifetime.DETACHED).component(name).stop(TerminationStyle.GRACEFUL);
        }
    }

    /** Reports components that end or are started again, until Ctrl-C. */
    private static void watch(Stack started) throws InterruptedException {
        Set<ComponentName> running = EnumSet.allOf(ComponentName.class);
        while (true) {
            Thread.sleep(Duration.ofSeconds(1));
            Stack current = Stack.open(Lifetime.DETACHED);
            for (ComponentName name : ComponentName.values()) {
                // The check of the process that was started here also releases its watchdog.
                boolean alive = started.component(name).isAlive()
                        || current.component(name).isAlive();
                if (alive && running.add(name)) {
                    System.out.println(name.wireName() + " is running again");
                } else if (!alive && running.remove(name)) {
                    Component component = current.component(name);
                    String reason =
                            component.hasFailed() ? "stopped unexpectedly: " + component.lastLogLine() : "was stopped";
                    System.out.printf("%1$s %2$s%n  To start it again: ./lab start %1$s%n", name.wireName(), reason);
                }
            }
        }
    }
}
