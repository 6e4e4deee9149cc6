package io.onlyonce.bench;

/**
 * One row: something of ours beside its peer, measured in the same run.
 *
 * @param name of the row, as issues and docs call it
 * @param value the median of the rounds
 * @param unit of value, spread and peerValue
 * @param spread smallest and largest round, and how many there were
 * @param peer what it is compared with; null where the value itself is the result
 * @param peerValue the median of the peer's rounds
 * @param peerSpread of the peer's rounds
 * @param ratio value ÷ peerValue
 * @param target what is aimed at, for example {@code >= 0.95} for the ratio, or for the value where there is no peer
 * @param met whether it was reached
 * @param note what a reader needs to know beside it; null where nothing
 */
public record Result(
        String name,
        double value,
        String unit,
        Spread spread,
        String peer,
        Double peerValue,
        Spread peerSpread,
        Double ratio,
        String target,
        boolean met,
        String note) {

    /** Of the rounds behind a median. */
    public record Spread(double min, double max, int rounds) {}

    /** The ratio is the result. */
    public static Result ratio(String name, Rounds ours, String unit, String peer, Rounds theirs, double atLeast) {
        double ratio = ours.median() / theirs.median();
        return new Result(
                name,
                ours.median(),
                unit,
                ours.spread(),
                peer,
                theirs.median(),
                theirs.spread(),
                ratio,
                ">= " + plain(atLeast),
                ratio >= atLeast,
                null);
    }

    /** The value is the result. */
    public static Result atMost(String name, Rounds ours, String unit, double atMost) {
        return new Result(
                name,
                ours.median(),
                unit,
                ours.spread(),
                null,
                null,
                null,
                null,
                "<= " + plain(atMost),
                ours.median() <= atMost,
                null);
    }

    public Result noting(String text) {
        return new Result(name, value, unit, spread, peer, peerValue, peerSpread, ratio, target, met, text);
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
