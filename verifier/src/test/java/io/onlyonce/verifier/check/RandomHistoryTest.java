package io.onlyonce.verifier.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.verifier.plan.OrderPlan;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plants random combinations of anomalies. The checker must report each of them with the correct count. */
class RandomHistoryTest {
    private static final int ORDERS = 3_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void the_checker_reports_exactly_the_planted_anomalies(long seed) {
        Random random = new Random(seed);
        World world = new World(new OrderPlan("w" + seed, seed, ORDERS, 10), Guarantee.EXACTLY_ONCE);
        Map<Anomaly, Long> planted = new EnumMap<>(Anomaly.class);
        for (int first = 0; first < ORDERS; first += world.plan.unitSize(first)) {
            if (world.plan.isBatch(first)) {
                batch(world, first, random, planted);
            } else {
                single(world, first, random.nextInt(60), planted);
            }
        }
        Findings findings = world.check();
        assertThat(findings.counts()).as("%s", findings.examples()).isEqualTo(planted);
    }

    /** Selects an allowed outcome or an anomaly for an order. Most numbers select a correct order. */
    private static void single(World world, int index, int what, Map<Anomaly, Long> planted) {
        switch (what) {
            case 0 -> world.unanswered(index);
            case 1 -> {
                world.unanswered(index);
                world.sink(world.process(world.order(index)));
            }
            case 2 -> world.rejected(index);
            case 3 -> {
                world.acknowledged(index);
                world.unanswered(index);
                world.sink(world.process(world.order(index)));
                world.sinkDuplicate(world.reject(world.order(index)));
            }
            case 4 -> {
                world.acknowledged(index);
                plant(planted, Anomaly.LOST, Anomaly.MISSING_RECORD);
            }
            case 5 -> {
                world.acknowledged(index);
                world.order(index);
                plant(planted, Anomaly.LOST);
            }
            case 6 -> {
                world.acknowledged(index);
                world.process(world.order(index));
                plant(planted, Anomaly.LOST, Anomaly.MISSING_ROW);
            }
            case 7 -> {
                world.acknowledged(index);
                world.acknowledged(index);
                world.sink(world.process(world.order(index)));
                world.sink(world.process(world.order(index)));
                plant(planted, Anomaly.DUPLICATED);
            }
            case 8 -> {
                world.acknowledged(index);
                World.Stored order = world.order(index);
                world.sink(world.process(order));
                world.sink(world.process(order));
                plant(planted, Anomaly.DUPLICATED, Anomaly.OUT_OF_ORDER);
            }
            case 9 -> {
                world.sink(world.process(world.order(index)));
                plant(planted, Anomaly.PHANTOM);
            }
            case 10 -> {
                world.acknowledged(index);
                world.sink(world.process(world.order(index), value -> value.put("customer_id", "x")));
                plant(planted, Anomaly.ALTERED);
            }
            case 11 -> {
                world.unanswered(index);
                world.sink(world.process(world.order(index)));
                world.sinkDuplicate(world.reject(world.order(index)));
                plant(planted, Anomaly.EXTRA_RECORD);
            }
            default -> world.through(index);
        }
    }

    private static void batch(World world, int first, Random random, Map<Anomaly, Long> planted) {
        int size = world.plan.unitSize(first);
        boolean half = size > 1 && random.nextInt(10) == 0;
        for (int index = first; index < first + size; index++) {
            if (half && index == first) {
                world.unanswered(index);
            } else {
                world.through(index);
            }
        }
        if (half) {
            plant(planted, Anomaly.PARTIAL_BATCH);
        }
    }

    private static void plant(Map<Anomaly, Long> planted, Anomaly... anomalies) {
        for (Anomaly anomaly : anomalies) {
            planted.merge(anomaly, 1L, Long::sum);
        }
    }
}
