package io.onlyonce.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.DoubleStream;

/** The measured values of one candidate, one for each round. The median counts. */
public final class Rounds {
    private final List<Double> values = new ArrayList<>();

    /** Runs one candidate in one round. The first round is 1. */
    @FunctionalInterface
    public interface Turn<T> {
        void run(int round, T candidate) throws Exception;
    }

    /** Runs every candidate in every round. The order changes between rounds, so that no candidate is always first. */
    public static <T> void inTurn(int rounds, List<T> candidates, Turn<T> turn) throws Exception {
        List<T> order = new ArrayList<>(candidates);
        for (int round = 1; round <= rounds; round++) {
            for (T candidate : order) {
                turn.run(round, candidate);
            }
            // With six candidates and three rounds, each runs once in the first, second and last third of a round.
            Collections.rotate(order, Math.max(1, order.size() / rounds));
        }
    }

    public static Rounds of(double... values) {
        Rounds rounds = new Rounds();
        DoubleStream.of(values).forEach(rounds::add);
        return rounds;
    }

    public void add(double value) {
        values.add(value);
    }

    /** @throws IllegalStateException if there was no round */
    public double median() {
        if (values.isEmpty()) {
            throw new IllegalStateException("no round was measured");
        }
        List<Double> sorted = values.stream().sorted().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    public Result.Spread spread() {
        return new Result.Spread(Collections.min(values), Collections.max(values), values.size());
    }
}
