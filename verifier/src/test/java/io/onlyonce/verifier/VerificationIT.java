package io.onlyonce.verifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.onlyonce.platform.Platform;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.verifier.check.Anomaly;
import io.onlyonce.verifier.check.Guarantee;
import io.onlyonce.verifier.check.Topic;
import io.onlyonce.verifier.observe.OutputWatcher;
import io.onlyonce.verifier.observe.TopicReader;
import io.onlyonce.verifier.report.Result;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests complete runs on real servers, against a correct pipeline and against defective ones. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerificationIT {
    private static final int ORDERS = 400;
    private static final int ORDERS_WITH_KILLS = 2_400;
    private static final double RATE = 200;

    private Platform platform;

    @BeforeAll
    void start() {
        platform = Platform.builder().withPostgres().withPartitions(3).start();
    }

    @AfterAll
    void close() {
        platform.close();
    }

    @Test
    void a_pipeline_that_keeps_the_contract_passes() throws Exception {
        Result result = run(Set.of(), options());
        assertThat(result.violations()).as("%s", result.examples()).isEmpty();
        assertThat(result.passed()).isTrue();
        assertThat(result.sent()).isEqualTo(ORDERS);
        assertThat(result.acknowledged()).isEqualTo(ORDERS);
        assertThat(result.indeterminate()).isZero();
        assertThat(result.duplicatesSent()).isPositive().isEqualTo(result.duplicatesRejected());
        assertThat(result.client().invalidRefused())
                .isEqualTo(result.client().invalidSent())
                .isPositive();
        assertThat(result.timeline().getLast().rows()).isPositive();
    }

    /** The defects of a run have different symptoms, of which the verifier must find each. */
    @ParameterizedTest
    @CsvSource({
        "EMITS_TWICE ROUNDS_MONEY SPLITS_BATCHES SINK_SKIPS, duplicated altered partial_batches missing_rows",
        "DOES_NOT_DEDUPLICATE DROPS DOES_NOT_VALIDATE,       duplicated lost invalid_accepted",
        "ACKNOWLEDGES_TOO_EARLY SINKS_UNCOMMITTED,           lost phantom",
    })
    void a_pipeline_that_breaks_the_contract_fails(String sabotages, String anomalies) throws Exception {
        Result result = run(parse(sabotages), options(Duration.ofSeconds(8), List.of()));
        assertThat(result.passed()).isFalse();
        for (String anomaly : anomalies.split(" ")) {
            assertThat(result.examples())
                    .extracting(example -> example.anomaly().wireName())
                    .contains(anomaly);
            assertThat(result.violations()).anySatisfy(line -> assertThat(line).startsWith(anomaly + ":"));
        }
    }

    private static Set<Sabotage> parse(String names) {
        return Arrays.stream(names.split(" ")).map(Sabotage::valueOf).collect(Collectors.toSet());
    }

    @Test
    @Tag("soak")
    void an_open_transaction_is_reported_as_a_missing_sentinel() throws Exception {
        Options shortDeadline = options(Duration.ofSeconds(4), List.of());
        try (TopicReader kafka = new TopicReader(platform.bootstrapServers());
                OpenTransaction open = new OpenTransaction(platform.bootstrapServers(), "orders.processed")) {
            Result result = run(Set.of(), shortDeadline);
            assertThat(kafka.openTransactions()).isNotEmpty();
            assertThat(result.anomalies().get(Anomaly.STALLED)).isPositive();
            assertThat(result.passed()).isFalse();
        }
    }

    @Test
    void a_failed_consumer_of_the_output_is_reported() throws Exception {
        try (TopicReader kafka = new TopicReader(platform.bootstrapServers())) {
            Map<Topic, long[]> nowhere = kafka.endOffsets();
            nowhere.values().forEach(ends -> Arrays.setAll(ends, partition -> ends[partition] + 1_000));
            try (OutputWatcher output = new OutputWatcher(kafka, nowhere)) {
                await().untilAsserted(() -> assertThatThrownBy(output::requireWatching)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("out of range"));
            }
        }
    }

    @Test
    @Tag("slow")
    void a_component_that_stopped_unexpectedly_is_reported_and_not_counted_as_killed() throws Exception {
        Options options = options(Duration.ofSeconds(60), List.of(ComponentName.POSTGRES));
        Result result = run(Set.of(), options, new PostgresControl() {
            @Override
            public Set<ComponentName> ended() {
                return EnumSet.of(ComponentName.API);
            }
        });
        assertThat(result.kills()).isEmpty();
        assertThat(result.passed()).isFalse();
        assertThat(result.violations()).contains("stopped unexpectedly: api");
    }

    @Test
    @Tag("slow")
    void the_database_is_killed_as_planned_and_its_recovery_is_measured() throws Exception {
        Options options = options(Duration.ofSeconds(60), List.of(ComponentName.POSTGRES));
        Result result = run(Set.of(), options);
        assertThat(result.violations()).as("%s", result.examples()).isEmpty();
        assertThat(result.kills()).isNotEmpty().allSatisfy(one -> {
            assertThat(one.part()).isEqualTo("postgres");
            assertThat(one.recoveryMs()).isPositive();
            assertThat(one.outageMs()).isGreaterThanOrEqualTo(one.recoveryMs());
        });
        assertThat(result.recoveryMs().max()).isPositive();
    }

    @Test
    void every_sabotage_is_tried() throws NoSuchMethodException {
        Set<Sabotage> tried = EnumSet.noneOf(Sabotage.class);
        CsvSource cases = VerificationIT.class
                .getDeclaredMethod("a_pipeline_that_breaks_the_contract_fails", String.class, String.class)
                .getAnnotation(CsvSource.class);
        List.of(cases.value()).forEach(line -> tried.addAll(parse(line.substring(0, line.indexOf(',')))));
        assertThat(tried).containsExactlyInAnyOrder(Sabotage.values());
    }

    private Result run(Set<Sabotage> sabotages, Options options) throws Exception {
        return run(sabotages, options, new PostgresControl());
    }

    private Result run(Set<Sabotage> sabotages, Options options, ProcessControl processes) throws Exception {
        SystemUnderTest names = system(URI.create("http://localhost"));
        try (TinyPipeline pipeline = new TinyPipeline(names, sabotages)) {
            return new Verification(system(pipeline.url()), processes, options, Progress.SILENT).run();
        }
    }

    private SystemUnderTest system(URI url) {
        return new SystemUnderTest(
                url,
                url,
                url,
                platform.bootstrapServers(),
                platform.jdbcUrl(),
                platform.postgres().user(),
                platform.postgres().password(),
                Optional.empty());
    }

    private static Options options() {
        return options(Duration.ofSeconds(60), List.of());
    }

    private static Options options(Duration bound, List<ComponentName> kill) {
        return new Options(
                Guarantee.EXACTLY_ONCE,
                kill.isEmpty() ? ORDERS : ORDERS_WITH_KILLS,
                RATE,
                20,
                kill,
                List.of(),
                Duration.ofSeconds(4),
                Options.DEFAULT_FREEZE,
                11,
                bound);
    }

    /** Injects faults into PostgreSQL. The other components are threads of the tiny pipeline. */
    private class PostgresControl implements ProcessControl {
        @Override
        public void kill9(ComponentName component) {
            platform.postgres().stop(TerminationStyle.ABRUPT);
        }

        @Override
        public void start(ComponentName component) {
            platform.postgres().start();
        }

        @Override
        public void freeze(ComponentName component) {
            platform.postgres().freeze();
        }

        @Override
        public void thaw(ComponentName component) {
            platform.postgres().thaw();
        }
    }
}
