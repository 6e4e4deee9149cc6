package io.onlyonce.launcher;

import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.verifier.ComponentName;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
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
        stack.requireFreePorts(ComponentName.values());
        // Until all is up: a failure or Ctrl-C takes down what this call has started, and leaves alone what ran before.
        Set<ComponentName> spared = ConcurrentHashMap.newKeySet();
        Arrays.stream(ComponentName.values())
                .filter(name -> stack.part(name).isAlive())
                .forEach(spared::add);
        Thread atExit = new Thread(() -> takeDown(stack, spared), "down");
        Runtime.getRuntime().addShutdownHook(atExit);
        long begun = System.nanoTime();
        try (Terminal terminal = new Terminal()) {
            terminal.phase("Starting in " + UserStack.directory());
            stack.up(terminal::ready);
            terminal.note("All healthy after %.1f s".formatted((System.nanoTime() - begun) / 1e9));
        }
        printUrls(stack);
        if (detach) {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } else {
            spared.clear();
            System.out.println("Ctrl-C stops it.");
            watch(stack);
        }
        return 0;
    }

    private static void takeDown(Stack stack, Set<ComponentName> spared) {
        System.err.println("Stopping what was started here");
        for (ComponentName name : ComponentName.values()) {
            if (!spared.contains(name)) {
                stack.part(name).end(TerminationStyle.GRACEFUL);
                // The user may have killed and started it meanwhile, as another process.
                UserStack.open(Lifetime.DETACHED).part(name).stop(TerminationStyle.GRACEFUL);
            }
        }
    }

    private static void printUrls(Stack stack) {
        System.out.printf("  Ingest API   %s%n", stack.url(ComponentName.PRODUCER));
        System.out.printf("  Order stream %s%n", stack.url(ComponentName.CONSUMER));
        System.out.printf("  Query API    %s  (console)%n", stack.url(ComponentName.API));
    }

    /**
     * Says when a part ends, until the user ends all.
     *
     * @param own the processes that were started here
     */
    private static void watch(Stack own) throws InterruptedException {
        Set<ComponentName> running = EnumSet.allOf(ComponentName.class);
        while (true) {
            Thread.sleep(LOOK_INTERVAL);
            Stack stack = UserStack.open(Lifetime.DETACHED);
            for (ComponentName part : ComponentName.values()) {
                // Asking its own one lets it see that it need not guard it any longer.
                boolean alive = own.part(part).isAlive() || stack.part(part).isAlive();
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
