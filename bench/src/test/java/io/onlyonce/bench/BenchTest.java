package io.onlyonce.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchTest {
    @Test
    void a_results_file_that_is_not_writable_is_rejected_before_the_run() {
        StringWriter errors = new StringWriter();
        int exitCode = new CommandLine(new Bench())
                .setErr(new PrintWriter(errors))
                .execute("--only", "stream", "--json", "/there/is/none/out.json");
        assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).contains("--json").contains("directory /there/is/none does not exist");
    }

    @Test
    void an_unknown_experiment_is_rejected_with_the_known_names() {
        StringWriter errors = new StringWriter();
        int exitCode =
                new CommandLine(new Bench()).setErr(new PrintWriter(errors)).execute("--only", "strem");
        assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).contains("strem").contains("stream, recovery, failover,");
    }
}
