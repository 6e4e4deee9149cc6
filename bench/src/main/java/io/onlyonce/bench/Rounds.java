package io.onlyonce.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** What the rounds of one contender have given, of which the median counts. */
public final class Rounds {
    private double[] values = {};

    /** Called for one contender in one round, from 1 on. */
    @FunctionalInterface
    public interface Turn<T> {
        void take(int round, T contender) throws Exception;
    }

    /** All contenders in each round; whoever came first, on a cold machine, comes later in the next ones. */
    public static <T> void inTurn(int rounds, List<T> contenders, Turn<T> turn) throws Exception {
        List<T> order = new ArrayList<>(contenders);
        for (int round = 1; round <= rounds; round++) {
            for (T contender : order) {
                turn.take(round, contender);
            }
            // With six and three rounds: each is once among the first two, in the middle, and among the last two.
            Collections.rotate(order, Math.max(1, order.size() / rounds));
        }
    }

    public static Rounds of(double value) {
        Rounds rounds = new Rounds();
        rounds.add(value);
        return rounds;
    }

    public void add(double value) {
        values = Arrays.copyOf(values, values.length + 1);
        values[values.length - 1] = value;
    }

    /** @throws IllegalStateException where there was no round */
    public double median() {
        if (values.length == 0) {
            throw new IllegalStateException("no round was measured");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public Result.Spread spread() {
        return new Result.Spread(
                Arrays.stream(values).min().orElseThrow(),
                Arrays.stream(values).max().orElseThrow(),
                values.length);
    }
}
