package io.onlyonce.launcher.stack;

import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.RunContext;
import java.nio.file.Path;

/** The stack of {@code ./lab up}: it uses the ports of the contract and keeps its data. */
public final class UserStack {
    private UserStack() {}

    public static Stack open(Lifetime lifetime) {
        return new Stack(
                new RunContext(ProjectHome.locate(), directory(), lifetime), StackPorts.contract(portOffset()));
    }

    /** One directory per port offset, so that several stacks can run at the same time. */
    public static Path directory() {
        return stateDirectory(ProjectHome.locate()).resolve("stack-" + portOffset());
    }

    /** The directory of the data, logs and process ids of all stacks. */
    static Path stateDirectory(ProjectHome home) {
        String setting = System.getenv().getOrDefault("LAB_STATE_DIR", "");
        Path directory = setting.isBlank() ? home.root().resolve(".lab") : Path.of(setting);
        return directory.toAbsolutePath().normalize();
    }

    private static int portOffset() {
        String setting = System.getenv().getOrDefault("LAB_PORT_OFFSET", "0");
        try {
            return Integer.parseInt(setting);
        } catch (NumberFormatException e) {
            throw new LabException("LAB_PORT_OFFSET must be an integer, but was \"" + setting + "\"");
        }
    }
}
