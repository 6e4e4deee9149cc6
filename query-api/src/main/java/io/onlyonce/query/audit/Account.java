package io.onlyonce.query.audit;

import java.util.EnumSet;
import java.util.Set;

/**
 * All that the topics and tables say of one order_id. Linked records rather than collections: there are hundreds of
 * thousands of accounts, and most have one entry of each kind.
 */
final class Account {
    private Source sources;
    private Output outputs;
    private Row rows;
    private Content orderRow;
    private long orderRowSource = At.NOWHERE;

    /** A valid order in `orders`. */
    private record Source(long at, Content content, Source next) {}

    /** A record in `orders.processed`, and the record of `orders` that it names as its source. */
    private record Output(long at, long source, Content content, Output next) {}

    /** A row of `processed_messages`, by the coordinates of the record it was made from. */
    private record Row(long at, Row next) {}

    void source(long at, Content content) {
        sources = new Source(at, shared(content), sources);
    }

    void output(long at, long source, Content content) {
        outputs = new Output(at, source, shared(content), outputs);
    }

    void row(long at) {
        rows = new Row(at, rows);
    }

    /** The row of `orders`, and the record of `orders` that it names as its source. */
    void orderRow(Content content, long source) {
        orderRow = content;
        orderRowSource = source;
    }

    /** Mostly all say the same, and one object will do. */
    private Content shared(Content content) {
        if (content.equals(orderRow)) {
            return orderRow;
        }
        return sources != null && content.equals(sources.content) ? sources.content : content;
    }

    /** Whether the stream has passed a record with this id, so that the id must have an outcome. */
    boolean isDue(Horizon horizon) {
        return firstDue(horizon) != At.NOWHERE;
    }

    /** @return the earliest source that must have an outcome, else {@link At#NOWHERE} */
    long firstDue(Horizon horizon) {
        long first = At.NOWHERE;
        for (Source source = sources; source != null; source = source.next) {
            if (horizon.isPassed(source.at)
                    && !horizon.isDeadLetter(source.at)
                    && (first == At.NOWHERE || source.at < first)) {
                first = source.at;
            }
        }
        return first;
    }

    Set<Fault> faults(Horizon horizon) {
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        if (isDue(horizon) && outcomes(horizon) == 0) {
            faults.add(Fault.MISSING);
        }
        if (outcomes(horizon) > 1 || rows != null && rows.next != null) {
            faults.add(Fault.DUPLICATED);
        }
        for (Output output = outputs; output != null; output = output.next) {
            judge(output, horizon, faults);
        }
        for (Row row = rows; row != null; row = row.next) {
            if (!horizon.isOutputDeleted(row.at) && output(row.at) == null) {
                faults.add(Fault.PHANTOM);
            }
        }
        if (orderRow != null) {
            judgeOrderRow(horizon, faults);
        }
        return faults;
    }

    /** Whether something here cannot be compared any more, as retention has deleted what it came from. */
    boolean isSourceDeleted(Horizon horizon) {
        for (Output output = outputs; output != null; output = output.next) {
            if (horizon.isSourceDeleted(output.source)) {
                return true;
            }
        }
        for (Row row = rows; row != null; row = row.next) {
            if (horizon.isOutputDeleted(row.at)) {
                return true;
            }
        }
        return orderRow != null && horizon.isSourceDeleted(orderRowSource);
    }

    private void judge(Output output, Horizon horizon, Set<Fault> faults) {
        Source source = source(output.source);
        if (source == null) {
            if (!horizon.isSourceDeleted(output.source)) {
                faults.add(Fault.PHANTOM);
            }
        } else if (!source.content.equals(output.content)) {
            faults.add(Fault.ALTERED);
        }
        if (horizon.isRowDue(output.at) && !hasRow(output.at) || horizon.isOrderRowDue(output.at) && orderRow == null) {
            faults.add(Fault.ROWS_MISSING);
        }
    }

    /** The table keeps one row an id: it must say what one of the processed records says. */
    private void judgeOrderRow(Horizon horizon, Set<Fault> faults) {
        if (outputs != null) {
            boolean found = false;
            for (Output output = outputs; output != null; output = output.next) {
                found |= output.content.equals(orderRow);
            }
            if (!found) {
                faults.add(Fault.ALTERED);
            }
        } else if (!horizon.isSourceDeleted(orderRowSource)) {
            judgeOrderRowBySource(horizon, faults);
        }
    }

    /** The processed record is gone. That may be retention's doing, of which the row of `processed_messages` tells. */
    private void judgeOrderRowBySource(Horizon horizon, Set<Fault> faults) {
        Source source = source(orderRowSource);
        if (source == null || outcomes(horizon) == 0) {
            faults.add(Fault.PHANTOM);
        } else if (!source.content.equals(orderRow)) {
            faults.add(Fault.ALTERED);
        }
    }

    /** Processed records, also those that only their rows still tell of. */
    private int outcomes(Horizon horizon) {
        int count = 0;
        for (Output output = outputs; output != null; output = output.next) {
            count++;
        }
        for (Row row = rows; row != null; row = row.next) {
            count += horizon.isOutputDeleted(row.at) && output(row.at) == null ? 1 : 0;
        }
        return count;
    }

    private Source source(long at) {
        Source source = sources;
        while (source != null && source.at != at) {
            source = source.next;
        }
        return source;
    }

    private Output output(long at) {
        Output output = outputs;
        while (output != null && output.at != at) {
            output = output.next;
        }
        return output;
    }

    private boolean hasRow(long at) {
        Row row = rows;
        while (row != null && row.at != at) {
            row = row.next;
        }
        return row != null;
    }
}
