package io.onlyonce.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ReportOptionsTest {
    @ParameterizedTest
    @CsvSource({"demo, --json", "demo, --html", "verify, --json", "verify, --html"})
    void a_report_that_could_not_be_written_is_refused_before_the_run(String command, String option) {
        StringWriter errors = new StringWriter();
        int exitCode = new CommandLine(new Lab())
                .setErr(new PrintWriter(errors))
                .execute(command, option, "/there/is/none/report");
        assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).contains(option).contains("there is no folder /there/is/none");
    }
}
