package io.onlyonce.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchTest {
    @Test
    void results_that_could_not_be_written_are_refused_before_anything_is_measured() {
        StringWriter errors = new StringWriter();
        int exitCode = new CommandLine(new Bench())
                .setErr(new PrintWriter(errors))
                .execute("--only", "stream", "--json", "/there/is/none/out.json");
        assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).contains("--json").contains("directory /there/is/none does not exist");
    }
}
