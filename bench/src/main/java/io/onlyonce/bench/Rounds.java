package io.onlyonce.bench;

import java.util.Arrays;

/** What the rounds of one contender have given, of which the median counts. */
public final class Rounds {
    private double[] values = {};

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
