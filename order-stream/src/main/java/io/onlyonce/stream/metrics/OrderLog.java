package io.onlyonce.stream.metrics;

import io.onlyonce.stream.topology.SeenOrder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the result of each order at INFO. Above {@link #LINES_PER_SECOND}, it logs a sample and one summary per second, so
 * that logging does not limit throughput.
 */
final class OrderLog {
    static final int LINES_PER_SECOND = 40;

    private static final Logger log = LoggerFactory.getLogger("io.onlyonce.stream.orders");

    /** A W3C traceparent is VERSION-TRACE_ID-PARENT_ID-FLAGS. */
    private static final Pattern TRACEPARENT = Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-.*");

    /** The most that an order_id of 128 characters takes. The key of a dead letter can be longer. */
    private static final int MAX_KEY_BYTES = 512;

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private final AtomicInteger linesLeft = new AtomicInteger(LINES_PER_SECOND);
    private final LongAdder processedUnlogged = new LongAdder();
    private final LongAdder duplicatesUnlogged = new LongAdder();
    private final LongAdder conflictsUnlogged = new LongAdder();
    private final LongAdder deadLettersUnlogged = new LongAdder();

    void processed(Record<byte[], ?> record, RecordMetadata source) {
        if (mayLog(processedUnlogged)) {
            log.info("processed order_id={} {} trace_id={}", orderId(record), coordinates(source), traceId(record));
        }
    }

    void duplicate(Record<byte[], ?> record, RecordMetadata source, SeenOrder first) {
        if (mayLog(duplicatesUnlogged)) {
            log.info(
                    "duplicate order_id={} {} first_offset={} trace_id={}",
                    orderId(record),
                    coordinates(source),
                    first.offset(),
                    traceId(record));
        }
    }

    void conflict(Record<byte[], ?> record, RecordMetadata source, SeenOrder first) {
        if (mayLog(conflictsUnlogged)) {
            log.warn(
                    "conflict order_id={} {} first_offset={} trace_id={}: the content differs from the first order",
                    orderId(record),
                    coordinates(source),
                    first.offset(),
                    traceId(record));
        }
    }

    void deadLetter(Record<byte[], ?> record, RecordMetadata source, String reason) {
        if (mayLog(deadLettersUnlogged)) {
            log.warn("dead letter key={} {} reason=\"{}\"", orderId(record), coordinates(source), reason);
        }
    }

    void crash(Record<byte[], ?> record, RecordMetadata source, long messages) {
        log.warn(
                "crash order_id={} {} trace_id={}: halting after {} messages, between output and commit",
                orderId(record),
                coordinates(source),
                traceId(record),
                messages);
    }

    /** Logs the summary and allows the next lines. Must be called once per second. */
    void everySecond() {
        linesLeft.set(LINES_PER_SECOND);
        long processed = processedUnlogged.sumThenReset();
        long duplicates = duplicatesUnlogged.sumThenReset();
        long conflicts = conflictsUnlogged.sumThenReset();
        long deadLetters = deadLettersUnlogged.sumThenReset();
        if (processed + duplicates + conflicts + deadLetters > 0) {
            log.info(
                    "not logged individually in the last second: processed {}, duplicate {}, conflict {}, dead letter {}",
                    processed,
                    duplicates,
                    conflicts,
                    deadLetters);
        }
    }

    private boolean mayLog(LongAdder unlogged) {
        // The plain read comes first, so that threads do not contend for the counter when no lines are left.
        if (linesLeft.get() > 0 && linesLeft.getAndDecrement() > 0) {
            return true;
        }
        unlogged.increment();
        return false;
    }

    private static String coordinates(RecordMetadata source) {
        return "partition=" + source.partition() + " offset=" + source.offset();
    }

    private static String orderId(Record<byte[], ?> record) {
        if (record.key() == null) {
            return "none";
        }
        String key = new String(record.key(), 0, Math.min(record.key().length, MAX_KEY_BYTES), StandardCharsets.UTF_8);
        // A line break in a key could forge a log line.
        return CONTROL.matcher(key).replaceAll("?");
    }

    private static String traceId(Record<byte[], ?> record) {
        Header header = record.headers().lastHeader("traceparent");
        byte[] value = header == null || header.value() == null ? new byte[0] : header.value();
        Matcher traceparent = TRACEPARENT.matcher(new String(value, StandardCharsets.UTF_8));
        return traceparent.matches() ? traceparent.group(1) : "none";
    }
}
