package io.onlyonce.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class RunCommandTest {
    @ParameterizedTest
    @CsvSource({"demo, --json", "demo, --html", "verify, --json", "verify, --html"})
    void a_report_file_that_is_not_writable_is_rejected_before_the_run(String command, String option) {
        StringWriter errors = new StringWriter();
        int exitCode =
                Lab.commandLine().setErr(new PrintWriter(errors)).execute(command, option, "/does/not/exist/report");
        assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).contains(option).contains("directory /does/not/exist does not exist");
    }
}
