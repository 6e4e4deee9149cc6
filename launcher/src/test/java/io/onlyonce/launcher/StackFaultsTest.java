package io.onlyonce.launcher;

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
    void a_part_that_runs_no_more_is_no_part_that_was_killed_or_frozen() {
        RunContext site = new RunContext(ProjectHome.locate(), directory, Lifetime.WITH_THIS_JVM);
        StackFaults faults = new StackFaults(new Stack(site, StackPorts.free()), directory);
        assertThat(faults.ended()).containsExactlyInAnyOrder(ComponentName.values());
        assertThatThrownBy(() -> faults.kill9(ComponentName.CONSUMER)).hasMessage("consumer has ended by itself");
        assertThatThrownBy(() -> faults.freeze(ComponentName.KAFKA)).hasMessage("kafka has ended by itself");
    }
}
