package io.onlyonce.launcher;

import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.RunContext;
import java.nio.file.Path;

/** The stack of {@code ./lab up}: on the contract's ports, with data that stays. */
final class UserStack {
    private UserStack() {}

    static Stack open(Lifetime lifetime) {
        return new Stack(
                new RunContext(ProjectHome.locate(), directory(), lifetime), StackPorts.contract(portOffset()));
    }

    static Path directory() {
        return StateDirectory.locate(ProjectHome.locate()).ofStack(portOffset());
    }

    private static int portOffset() {
        String setting = System.getenv().getOrDefault("LAB_PORT_OFFSET", "0");
        try {
            return Integer.parseInt(setting);
        } catch (NumberFormatException e) {
            throw new LabException("LAB_PORT_OFFSET is \"" + setting + "\", which is no whole number", e);
        }
    }
}
