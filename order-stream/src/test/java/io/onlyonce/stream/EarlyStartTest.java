package io.onlyonce.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

class EarlyStartTest {
    @AfterEach
    void isNoBuildAnyMore() {
        System.clearProperty(AbstractAotProcessor.AOT_PROCESSING);
    }

    @Test
    void a_build_that_works_out_the_context_starts_no_stream(@TempDir Path directory) {
        System.setProperty(AbstractAotProcessor.AOT_PROCESSING, "true");
        Path state = directory.resolve("state");
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource(
                            "enough to start with",
                            Map.of(
                                    "onlyonce.stream.bootstrap-servers", "localhost:1",
                                    "onlyonce.stream.instance-id", "early-start-test",
                                    "onlyonce.stream.state-dir", state.toString(),
                                    "onlyonce.stream.advertised-url", "http://localhost:1",
                                    "onlyonce.stream.threads", "1",
                                    "onlyonce.stream.standby-replicas", "0",
                                    "onlyonce.stream.retention", "7d",
                                    "onlyonce.stream.processing-mode", "exactly-once")));
            new EarlyStart().initialize(context);
            assertThat(context.getBeanFactory().getSingletonNames()).doesNotContain("orderStream");
            assertThat(state).doesNotExist();
        }
    }
}
