package io.onlyonce.launcher;

import io.onlyonce.platform.Component;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.verifier.ComponentName;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "start",
        description = "Start a part that was killed or has ended; return when it serves.",
        mixinStandardHelpOptions = true)
final class StartCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PART", description = "kafka, connect, postgres, producer, consumer or api")
    private ComponentName name;

    @Override
    public Integer call() {
        Stack stack = UserStack.open(Lifetime.DETACHED);
        Component part = stack.part(name);
        long begun = System.nanoTime();
        try (Terminal terminal = new Terminal()) {
            if (part.isAlive()) {
                terminal.note(name.wireName() + " runs already");
                return 0;
            }
            stack.requireFreePorts(name);
            terminal.phase("Starting " + name.wireName());
            part.start();
            terminal.ready(name.wireName(), Duration.ofNanos(System.nanoTime() - begun));
        }
        return 0;
    }
}
