package io.onlyonce.launcher;

import io.onlyonce.platform.ProjectHome;
import java.nio.file.Path;

/**
 * Where stacks keep their data, logs and process ids: LAB_STATE_DIR, else {@code .lab} in the tree.
 *
 * @param root absolute
 */
record StateDirectory(Path root) {
    static StateDirectory locate(ProjectHome home) {
        String setting = System.getenv("LAB_STATE_DIR");
        Path root = setting == null || setting.isBlank() ? home.root().resolve(".lab") : Path.of(setting);
        return new StateDirectory(root.toAbsolutePath().normalize());
    }

    /** Of {@code ./lab up}: kept over down and up; one for each offset, so that stacks can run side by side. */
    Path ofStack(int portOffset) {
        return root.resolve("stack-" + portOffset);
    }

    /** A new one, for a run that removes it at its end. */
    RunDirectory ofRun() {
        return RunDirectory.in(root);
    }
}
