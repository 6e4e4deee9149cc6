package io.onlyonce.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A JVM without memory ends, so that its supervisor restarts or reports it. */
class JvmFlagsTest {
    private static final String FLAG = "-XX:+ExitOnOutOfMemoryError";

    /** A program that runs on after one of its threads has failed. */
    static final class Exhausted {
        public static void main(String[] arguments) throws InterruptedException {
            Thread.ofPlatform().start(() -> {
                List<byte[]> kept = new ArrayList<>();
                while (true) {
                    kept.add(new byte[1_000_000]);
                }
            });
            Thread.currentThread().join();
        }
    }

    @Test
    void a_component_ends_if_one_of_its_threads_has_no_memory() throws Exception {
        List<String> program =
                List.of("-Xmx16m", "-cp", System.getProperty("java.class.path"), Exhausted.class.getName());
        Process process = new ProcessBuilder(Component.concat(Component.jvm(), program))
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.inputReader().readAllAsString())
                    .endsWith("Terminating due to java.lang.OutOfMemoryError: Java heap space\n");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void the_optimizing_compiler_is_used_on_many_processors_or_if_it_is_requested() {
        String expected = Runtime.getRuntime().availableProcessors() < 4 ? "1" : "4";
        assertThat(Component.compilation(Map.of())).isEqualTo(expected);
        assertThat(Component.compilation(Map.of("TIERED_STOP_AT_LEVEL", "4"))).isEqualTo("4");
        assertThat(Component.compilation(Map.of("TIERED_STOP_AT_LEVEL", "1"))).isEqualTo("1");
    }

    /** The columns are a file, the start of each command that starts a JVM in it, and the number of commands. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "Dockerfile; ENTRYPOINT \\[\"java\"; 2",
                "docker-compose.yml; entrypoint: \\[java; 2",
                "lab; \\$JAVA_HOME/bin/java; 1",
                "platform/server/conf/broker-in-container.sh; export KAFKA_OPTS=; 1"
            })
    void every_command_that_starts_a_jvm_has_the_flag(String file, String start, int count) throws IOException {
        Path path = ProjectHome.locate().root().resolve(file);
        List<String> commands = Files.readAllLines(path).stream()
                .filter(Pattern.compile(start).asPredicate())
                .toList();
        assertThat(commands).hasSize(count).allMatch(command -> command.contains(FLAG));
    }
}
