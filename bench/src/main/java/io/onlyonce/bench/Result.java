package io.onlyonce.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/**
 * One row of the results: a candidate, and usually its baseline from the same run. The contract calls the baseline
 * {@code peer}.
 *
 * @param unit of value, spread and baselineValue
 * @param baseline null if the value itself is the result
 * @param target of the ratio, or of the value if there is no baseline; for example {@code >= 0.95}
 * @param note null if there is none
 * @param measured null before the result is part of a report
 */
public record Result(
        String name,
        double value,
        String unit,
        Spread spread,
        @JsonProperty("peer") String baseline,
        @JsonProperty("peer_value") Double baselineValue,
        @JsonProperty("peer_spread") Spread baselineSpread,
        Double ratio,
        String target,
        boolean met,
        String note,
        Measured measured) {

    /**
     * The run. The documentation can show results of several runs.
     *
     * @param quick whether it was a short run, whose rates are rough
     */
    public record Measured(Instant at, boolean quick, String java, String kafkaClients, String kafkaBroker) {
        static Measured in(RunEnvironment run) {
            return new Measured(run.at(), run.quick(), run.java(), run.kafkaClients(), run.kafkaBroker());
        }
    }

    /** The smallest and the largest round. */
    public record Spread(double min, double max, int rounds) {}

    private Result(String name, Rounds rounds, String unit, String baseline, Rounds other, String target, boolean met) {
        this(
                name,
                rounds.median(),
                unit,
                rounds.spread(),
                baseline,
                other.median(),
                other.spread(),
                rounds.median() / other.median(),
                target,
                met,
                null,
                null);
    }

    /** A row whose ratio must be at least the target. */
    public static Result ratio(
            String name, Rounds candidate, String unit, String baseline, Rounds other, double atLeast) {
        boolean met = candidate.median() / other.median() >= atLeast;
        return new Result(name, candidate, unit, baseline, other, ">= " + plain(atLeast), met);
    }

    /** A row whose ratio must be at most the target. */
    public static Result growth(
            String name, Rounds candidate, String unit, String baseline, Rounds other, double atMost) {
        boolean met = candidate.median() / other.median() <= atMost;
        return new Result(name, candidate, unit, baseline, other, "<= " + plain(atMost), met);
    }

    /** A row without a baseline, whose value must be at most the target. */
    public static Result atMost(String name, Rounds candidate, String unit, double atMost) {
        double value = candidate.median();
        String target = "<= " + plain(atMost);
        return new Result(
                name, value, unit, candidate.spread(), null, null, null, null, target, value <= atMost, null, null);
    }

    /** Adds a baseline to a row whose target applies to its value. */
    public Result withBaseline(String label, Rounds other) {
        double ratio = value / other.median();
        return new Result(
                name, value, unit, spread, label, other.median(), other.spread(), ratio, target, met, note, measured);
    }

    public Result withNote(String text) {
        return new Result(
                name, value, unit, spread, baseline, baselineValue, baselineSpread, ratio, target, met, text, measured);
    }

    Result measuredIn(RunEnvironment run) {
        return new Result(
                name,
                value,
                unit,
                spread,
                baseline,
                baselineValue,
                baselineSpread,
                ratio,
                target,
                met,
                note,
                Measured.in(run));
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
