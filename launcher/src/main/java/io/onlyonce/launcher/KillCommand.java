package io.onlyonce.launcher;

import io.onlyonce.platform.Component;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.verifier.ComponentName;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "kill",
        description = "kill -9 a part. It stays dead until ./lab start PART.",
        mixinStandardHelpOptions = true)
final class KillCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PART", description = "kafka, connect, postgres, producer, consumer or api")
    private ComponentName name;

    @Override
    public Integer call() {
        Component part = UserStack.open(Lifetime.DETACHED).part(name);
        if (!part.isAlive()) {
            System.err.println(name.wireName() + " does not run");
            return Lab.BROKEN;
        }
        long pid = part.pid();
        part.stop(TerminationStyle.ABRUPT);
        System.out.println(name.wireName() + " (process " + pid + ") is dead");
        return 0;
    }
}
