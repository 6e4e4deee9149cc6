package io.onlyonce.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onlyonce.platform.LabHome;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.platform.Site;
import io.onlyonce.verifier.PartName;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackFaultsTest {
    @TempDir
    Path directory;

    @Test
    void a_part_that_runs_no_more_is_no_part_that_was_killed_or_frozen() {
        Site site = new Site(LabHome.locate(), directory, Lifetime.WITH_THIS_JVM);
        StackFaults faults = new StackFaults(new Stack(site, StackPorts.free()), directory);
        assertThat(faults.ended()).containsExactlyInAnyOrder(PartName.values());
        assertThatThrownBy(() -> faults.kill9(PartName.CONSUMER)).hasMessage("consumer has ended by itself");
        assertThatThrownBy(() -> faults.freeze(PartName.KAFKA)).hasMessage("kafka has ended by itself");
    }
}
