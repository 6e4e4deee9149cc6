package io.onlyonce.launcher;

import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.TerminationStyle;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "up",
        description = "Run the stack on the contract's ports until Ctrl-C. What runs already is left alone.",
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

    @Option(
            names = {"-d", "--detach"},
            description = "Return when everything is healthy; ./lab down stops it")
    private boolean detach;

    @Override
    public Integer call() throws InterruptedException {
        Stack stack = UserStack.open(detach ? Lifetime.DETACHED : Lifetime.WITH_THIS_JVM);
        refuseTakenPorts(stack);
        if (!detach) {
            // On a fresh object: the user may have killed and started parts meanwhile, as other processes.
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> UserStack.open(Lifetime.DETACHED).down(TerminationStyle.GRACEFUL), "down"));
        }
        long begun = System.nanoTime();
        try (Terminal terminal = new Terminal()) {
            terminal.phase("Starting in " + UserStack.directory());
            stack.up(terminal::ready);
            terminal.note("All healthy after %.1f s".formatted((System.nanoTime() - begun) / 1e9));
        }
        printUrls(stack);
        if (!detach) {
            System.out.println("Ctrl-C stops it.");
            watch();
        }
        return 0;
    }

    private static void refuseTakenPorts(Stack stack) {
        Map<PartName, Integer> taken = stack.ports().taken();
        taken.keySet().removeIf(part -> stack.part(part).isAlive());
        if (!taken.isEmpty()) {
            throw new LabException(
                    "Something else listens on "
                            + taken.entrySet().stream()
                                    .map(entry -> entry.getValue() + " ("
                                            + entry.getKey().wireName() + ")")
                                    .collect(Collectors.joining(", "))
                            + ".\nStop it (ss -ltnp tells what it is), or shift this stack's ports: LAB_PORT_OFFSET=10000 ./lab up");
        }
    }

    private static void printUrls(Stack stack) {
        System.out.printf("  Ingest API   %s%n", stack.url(PartName.PRODUCER));
        System.out.printf("  Order stream %s%n", stack.url(PartName.CONSUMER));
        System.out.printf("  Query API    %s  (console)%n", stack.url(PartName.API));
    }

    /** Says when a part ends, until the user ends all. */
    private static void watch() throws InterruptedException {
        Set<PartName> running = EnumSet.allOf(PartName.class);
        while (true) {
            Thread.sleep(LOOK_INTERVAL);
            Stack stack = UserStack.open(Lifetime.DETACHED);
            for (PartName part : PartName.values()) {
                boolean alive = stack.part(part).isAlive();
                if (alive && running.add(part)) {
                    System.out.println(part.wireName() + " runs again");
                } else if (!alive && running.remove(part)) {
                    System.out.println(
                            part.wireName() + " has ended; ./lab start " + part.wireName() + " brings it back");
                }
            }
        }
    }
}
