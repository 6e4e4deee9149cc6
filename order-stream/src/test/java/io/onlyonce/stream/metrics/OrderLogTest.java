package io.onlyonce.stream.metrics;

import static io.onlyonce.stream.Orders.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.onlyonce.stream.topology.SeenOrder;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class OrderLogTest {
    private static final RecordMetadata SOURCE = new RecordMetadata() {
        @Override
        public String topic() {
            return "orders";
        }

        @Override
        public int partition() {
            return 4;
        }

        @Override
        public long offset() {
            return 17;
        }
    };

    private static final SeenOrder FIRST = new SeenOrder(0, 3, 0, OptionalLong.empty());

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.onlyonce.stream.orders");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final OrderLog log = new OrderLog();

    @BeforeEach
    void listen() {
        lines.start();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Test
    void each_order_is_logged_with_its_coordinates_and_its_trace_id() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("traceparent", utf8("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        Record<byte[], byte[]> record = new Record<>(utf8("a"), null, 0, headers);
        log.processed(record, SOURCE);
        log.duplicate(record, SOURCE, FIRST);
        log.conflict(record, SOURCE, FIRST);
        log.deadLetter(record, SOURCE, "not JSON");
        log.crash(record, SOURCE, 5);
        assertThat(messages())
                .containsExactly(
                        "processed order_id=a partition=4 offset=17 trace_id=0af7651916cd43dd8448eb211c80319c",
                        "duplicate order_id=a partition=4 offset=17 first_offset=3"
                                + " trace_id=0af7651916cd43dd8448eb211c80319c",
                        "conflict order_id=a partition=4 offset=17 first_offset=3"
                                + " trace_id=0af7651916cd43dd8448eb211c80319c: the content differs from the first order",
                        "dead letter key=a partition=4 offset=17 reason=\"not JSON\"",
                        "crash order_id=a partition=4 offset=17 trace_id=0af7651916cd43dd8448eb211c80319c:"
                                + " halting after 5 messages, between output and commit");
    }

    @Test
    void above_the_limit_per_second_the_log_contains_a_summary() {
        Record<byte[], byte[]> record = new Record<>(utf8("a"), null, 0);
        for (int i = 0; i < OrderLog.LINES_PER_SECOND + 1_000; i++) {
            log.processed(record, SOURCE);
        }
        log.duplicate(record, SOURCE, FIRST);
        log.conflict(record, SOURCE, FIRST);
        assertThat(messages()).hasSize(OrderLog.LINES_PER_SECOND);
        log.everySecond();
        assertThat(messages().getLast()).contains("processed 1000", "duplicate 1", "conflict 1");
        log.everySecond();
        assertThat(messages()).as("no summary if every order was logged").hasSize(OrderLog.LINES_PER_SECOND + 1);
        log.processed(record, SOURCE);
        assertThat(messages().getLast()).as("in the next second").startsWith("processed order_id=a");
    }

    @Test
    void a_line_break_in_a_key_does_not_forge_a_log_line() {
        log.deadLetter(new Record<>(utf8("a\n2026-11-23 INFO processed order_id=b"), null, 0), SOURCE, "not JSON");
        log.deadLetter(new Record<>(null, null, 0), SOURCE, "no key");
        assertThat(messages()).hasSize(2).allSatisfy(line -> assertThat(line).doesNotContain("\n"));
    }

    private List<String> messages() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
