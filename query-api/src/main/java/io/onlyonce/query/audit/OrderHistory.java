package io.onlyonce.query.audit;

import java.util.EnumSet;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * All records and rows of one order_id. Uses linked lists instead of collections to save memory: an audit holds
 * hundreds of thousands of histories, and most have one entry of each kind.
 */
final class OrderHistory {
    private Source sources;
    private Output outputs;
    private ProcessedRow processedRows;
    private OrderFingerprint orderRow;
    private long orderRowSource = RecordCoordinates.NONE;

    /** An element of a linked list, with the coordinates of its record. */
    private interface Entry<E extends Entry<E>> {
        long coordinates();

        E next();
    }

    /** A valid order in `orders`. */
    private record Source(long coordinates, OrderFingerprint fingerprint, long timestamp, Source next)
            implements Entry<Source> {}

    /** A record in `orders.processed`, and the coordinates of its source in `orders`. */
    private record Output(long coordinates, long source, OrderFingerprint fingerprint, Output next)
            implements Entry<Output> {}

    /** A row of `processed_messages`, with the coordinates of its record in `orders.processed`. */
    private record ProcessedRow(long coordinates, ProcessedRow next) implements Entry<ProcessedRow> {}

    /** @param timestamp of the record, in milliseconds since 1970 */
    void addSource(long coordinates, OrderFingerprint fingerprint, long timestamp) {
        sources = new Source(coordinates, shared(fingerprint), timestamp, sources);
    }

    void addOutput(long coordinates, long source, OrderFingerprint fingerprint) {
        outputs = new Output(coordinates, source, shared(fingerprint), outputs);
    }

    void addProcessedRow(long coordinates) {
        processedRows = new ProcessedRow(coordinates, processedRows);
    }

    /** Sets the row of the table `orders`, and the coordinates of its source in `orders`. */
    void setOrderRow(OrderFingerprint fingerprint, long source) {
        orderRow = fingerprint;
        orderRowSource = source;
    }

    /** Saves memory: usually, all fingerprints of an order are equal. */
    private OrderFingerprint shared(OrderFingerprint fingerprint) {
        if (fingerprint.equals(orderRow)) {
            return orderRow;
        }
        return sources != null && fingerprint.equals(sources.fingerprint) ? sources.fingerprint : fingerprint;
    }

    /** Returns the earliest source record that must have a result, or {@link RecordCoordinates#NONE}. */
    long firstRequiredSource(AuditScope scope) {
        return stream(sources)
                .mapToLong(Source::coordinates)
                .filter(scope::requiresResult)
                .min()
                .orElse(RecordCoordinates.NONE);
    }

    Set<Anomaly> anomalies(AuditScope scope) {
        Set<Anomaly> anomalies = EnumSet.noneOf(Anomaly.class);
        long results = countResults(scope);
        if (results == 0 && firstRequiredSource(scope) != RecordCoordinates.NONE) {
            anomalies.add(Anomaly.MISSING);
        }
        if (results > 1 || (processedRows != null && processedRows.next != null)) {
            anomalies.add(Anomaly.DUPLICATED);
        }
        stream(outputs).forEach(output -> checkOutput(output, scope, anomalies));
        if (stream(processedRows)
                .anyMatch(row -> !scope.isOutputDeleted(row.coordinates) && find(outputs, row.coordinates) == null)) {
            anomalies.add(Anomaly.PHANTOM);
        }
        if (orderRow != null) {
            checkOrderRow(results, scope, anomalies);
        }
        if (stream(sources).anyMatch(source -> isUnmarkedConflict(source, scope))) {
            anomalies.add(Anomaly.UNMARKED_CONFLICTS);
        }
        return anomalies;
    }

    /** Whether the stream rejected the source as a duplicate although its content differs from every processed record. */
    private boolean isUnmarkedConflict(Source source, AuditScope scope) {
        return outputs != null
                && scope.requiresResult(source.coordinates)
                && !scope.isMarkedAsConflict(source.coordinates)
                && stream(outputs)
                        .noneMatch(output -> output.source == source.coordinates
                                || output.fingerprint.content() == source.fingerprint.content());
    }

    /**
     * Returns the time at which the order was appended to `orders`, if a table does not contain it yet.
     *
     * @param deadLetters coordinates of the records of `orders` that are in `orders.dlq`
     */
    OptionalLong notStoredSince(Set<Long> deadLetters) {
        return processedRows != null && orderRow != null
                ? OptionalLong.empty()
                : stream(sources)
                        .filter(source -> !deadLetters.contains(source.coordinates))
                        .mapToLong(Source::timestamp)
                        .min();
    }

    /** Whether an entry cannot be compared because retention deleted its source. */
    boolean isSourceDeleted(AuditScope scope) {
        return stream(outputs).anyMatch(output -> scope.isSourceDeleted(output.source))
                || stream(processedRows).anyMatch(row -> scope.isOutputDeleted(row.coordinates))
                || (orderRow != null && scope.isSourceDeleted(orderRowSource));
    }

    private void checkOutput(Output output, AuditScope scope, Set<Anomaly> anomalies) {
        Source source = find(sources, output.source);
        if (source == null) {
            if (!scope.isSourceDeleted(output.source)) {
                anomalies.add(Anomaly.PHANTOM);
            }
        } else if (!source.fingerprint.equals(output.fingerprint)) {
            anomalies.add(Anomaly.ALTERED);
        }
        if ((scope.requiresProcessedRow(output.coordinates) && find(processedRows, output.coordinates) == null)
                || (scope.requiresOrderRow(output.coordinates) && orderRow == null)) {
            anomalies.add(Anomaly.ROWS_MISSING);
        }
    }

    /**
     * The table `orders` has one row for each order_id, which must equal one of the processed records. If retention
     * deleted them, the row must equal its source, and a row of `processed_messages` must exist.
     */
    private void checkOrderRow(long results, AuditScope scope, Set<Anomaly> anomalies) {
        if (outputs != null) {
            if (stream(outputs).noneMatch(output -> output.fingerprint.equals(orderRow))) {
                anomalies.add(Anomaly.ALTERED);
            }
        } else if (!scope.isSourceDeleted(orderRowSource)) {
            Source source = find(sources, orderRowSource);
            if (source == null || results == 0) {
                anomalies.add(Anomaly.PHANTOM);
            } else if (!source.fingerprint.equals(orderRow)) {
                anomalies.add(Anomaly.ALTERED);
            }
        }
    }

    /** Counts the processed records, including deleted records that still have a row. */
    private long countResults(AuditScope scope) {
        return stream(outputs).count()
                + stream(processedRows)
                        .filter(row -> scope.isOutputDeleted(row.coordinates) && find(outputs, row.coordinates) == null)
                        .count();
    }

    private static <E extends Entry<E>> Stream<E> stream(E first) {
        return Stream.iterate(first, Objects::nonNull, Entry::next);
    }

    private static <E extends Entry<E>> E find(E first, long coordinates) {
        E entry = first;
        while (entry != null && entry.coordinates() != coordinates) {
            entry = entry.next();
        }
        return entry;
    }
}
