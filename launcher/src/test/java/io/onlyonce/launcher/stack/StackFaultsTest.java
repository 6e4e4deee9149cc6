package io.onlyonce.launcher.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.RunContext;
import io.onlyonce.verifier.ComponentName;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackFaultsTest {
    @TempDir
    Path directory;

    @Test
    void a_component_that_is_not_running_cannot_be_killed_or_frozen() {
        RunContext context = new RunContext(ProjectHome.locate(), directory, Lifetime.WITH_THIS_JVM);
        StackFaults faults = new StackFaults(new Stack(context, StackPorts.free()), directory);
        assertThat(faults.ended()).containsExactlyInAnyOrder(ComponentName.values());
        assertThatThrownBy(() -> faults.kill9(ComponentName.CONSUMER)).hasMessage("consumer ended unexpectedly");
        assertThatThrownBy(() -> faults.freeze(ComponentName.KAFKA)).hasMessage("kafka ended unexpectedly");
    }
}
