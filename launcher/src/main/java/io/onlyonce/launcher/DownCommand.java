package io.onlyonce.launcher;

import io.onlyonce.platform.Directories;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.verifier.ComponentName;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "down",
        description = "Stop the stack; its data stays for the next up. Fine to call when nothing runs.",
        mixinStandardHelpOptions = true)
final class DownCommand implements Callable<Integer> {
    @Option(
            names = {"-v", "--volumes"},
            description = "Remove the data and the logs as well")
    private boolean volumes;

    @Override
    public Integer call() throws IOException {
        Stack stack = UserStack.open(Lifetime.DETACHED);
        try (Terminal terminal = new Terminal()) {
            for (ComponentName name : ComponentName.values()) {
                if (stack.part(name).isAlive()) {
                    terminal.note("  stopping " + name.wireName());
                    stack.part(name).stop(TerminationStyle.GRACEFUL);
                }
            }
            if (volumes) {
                Directories.delete(UserStack.directory());
            }
            terminal.note("Everything is stopped" + (volumes ? ", and the data removed" : ""));
        }
        return 0;
    }
}
