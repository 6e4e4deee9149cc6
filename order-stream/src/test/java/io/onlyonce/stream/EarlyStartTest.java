package io.onlyonce.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

class EarlyStartTest {
    @AfterEach
    void clearBuildProperty() {
        System.clearProperty(AbstractAotProcessor.AOT_PROCESSING);
    }

    @Test
    void the_stream_does_not_start_during_ahead_of_time_processing(@TempDir Path directory) {
        System.setProperty(AbstractAotProcessor.AOT_PROCESSING, "true");
        Path state = directory.resolve("state");
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource(
                            "settings",
                            Map.of(
                                    "onlyonce.stream.bootstrap-servers", "localhost:1",
                                    "onlyonce.stream.instance-id", "early-start-test",
                                    "onlyonce.stream.state-dir", state.toString(),
                                    "onlyonce.stream.advertised-url", "http://localhost:1",
                                    "onlyonce.stream.threads", "1",
                                    "onlyonce.stream.standby-replicas", "0",
                                    "onlyonce.stream.retention", "7d",
                                    "onlyonce.stream.stall-timeout", "30s",
                                    "onlyonce.stream.processing-mode", "exactly-once")));
            new EarlyStart().initialize(context);
            assertThat(context.getBeanFactory().getSingletonNames()).doesNotContain("orderStream");
            assertThat(state).doesNotExist();
        }
    }

    @Test
    void a_periodic_task_continues_after_an_exception() throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(2);
        ThreadPoolTaskScheduler background = EarlyStart.background();
        try {
            background.scheduleAtFixedRate(
                    () -> {
                        runs.countDown();
                        throw new IllegalStateException("simulated");
                    },
                    Duration.ofMillis(1));
            assertThat(runs.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            background.shutdown();
        }
    }
}
