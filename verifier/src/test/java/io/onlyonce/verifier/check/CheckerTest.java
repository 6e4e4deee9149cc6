package io.onlyonce.verifier.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.verifier.plan.ContractJson;
import io.onlyonce.verifier.plan.OrderPlan;
import java.math.BigDecimal;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Plants one anomaly in a correct history. The checker must report it, and nothing else. */
class CheckerTest {
    private static final int ORDERS = 400;

    private final World world = new World(ORDERS);

    /** An order that is not in a batch. The same applies to the orders after it. */
    private final int one = firstOfABlock(false);

    @Test
    void a_correct_history_has_no_anomaly() {
        allThroughExcept();
        expectNothing();
    }

    @Test
    void a_rejected_duplicate_is_correct() {
        allThroughExcept(one);
        world.acknowledged(one);
        world.acknowledged(one);
        world.sink(world.process(world.order(one)));
        world.sinkDuplicate(world.reject(world.order(one)));
        expectNothing();
    }

    @Test
    void an_unanswered_order_may_be_present_or_missing() {
        allThroughExcept(one, one + 1);
        world.unanswered(one);
        world.unanswered(one + 1);
        world.sink(world.process(world.order(one + 1)));
        expectNothing();
    }

    @Test
    void an_unanswered_order_that_was_sent_once_must_not_have_two_records() {
        allThroughExcept(one);
        world.unanswered(one);
        world.sink(world.process(world.order(one)));
        world.sinkDuplicate(world.reject(world.order(one)));
        expect(Map.of(Anomaly.EXTRA_RECORD, 1L));
    }

    @Test
    void an_acknowledged_retry_after_a_timeout_may_have_one_or_two_records() {
        allThroughExcept(one, one + 1);
        world.unanswered(one);
        world.acknowledged(one);
        world.sink(world.process(world.order(one)));
        world.unanswered(one + 1);
        world.acknowledged(one + 1);
        world.sink(world.process(world.order(one + 1)));
        world.sinkDuplicate(world.reject(world.order(one + 1)));
        expectNothing();
    }

    @Test
    void an_acknowledged_order_that_is_not_in_orders_is_lost() {
        allThroughExcept(one);
        world.acknowledged(one);
        expect(Map.of(Anomaly.LOST, 1L, Anomaly.MISSING_RECORD, 1L));
    }

    @Test
    void an_order_that_was_never_processed_is_lost() {
        allThroughExcept(one);
        world.acknowledged(one);
        world.order(one);
        expect(Map.of(Anomaly.LOST, 1L));
    }

    @Test
    void an_unanswered_order_that_was_committed_must_be_processed() {
        allThroughExcept(one);
        world.unanswered(one);
        world.order(one);
        expect(Map.of(Anomaly.LOST, 1L));
    }

    @Test
    void an_order_whose_only_record_was_rejected_as_a_duplicate_is_lost() {
        allThroughExcept(one);
        world.acknowledged(one);
        world.sinkDuplicate(world.reject(world.order(one)));
        expect(Map.of(Anomaly.LOST, 1L, Anomaly.OUT_OF_ORDER, 1L));
    }

    @Test
    void an_order_that_became_a_dead_letter_is_lost() {
        allThroughExcept(one);
        world.acknowledged(one);
        World.Stored order = world.order(one);
        world.append(Topic.DEAD_LETTERS, order.partition(), order.key(), order.value());
        Findings findings = expect(Map.of(Anomaly.LOST, 1L));
        assertThat(findings.examples().getFirst().what()).isEqualTo("became a dead letter");
    }

    @Test
    void an_order_without_a_row_is_lost() {
        allThroughExcept();
        world.orderRows.remove(world.plan.id(one));
        expect(Map.of(Anomaly.LOST, 1L));
    }

    @Test
    void a_processed_record_without_a_row_is_missing_and_its_order_lost() {
        allThroughExcept();
        world.messageRows.get(Topic.PROCESSED).remove(one);
        expect(Map.of(Anomaly.LOST, 1L, Anomaly.MISSING_ROW, 1L));
    }

    @Test
    void a_rejected_duplicate_without_a_row_is_missing() {
        allThroughExcept(one);
        world.acknowledged(one);
        world.acknowledged(one);
        world.sink(world.process(world.order(one)));
        world.reject(world.order(one));
        expect(Map.of(Anomaly.MISSING_ROW, 1L));
    }

    @Test
    void an_acknowledged_repetition_must_have_a_record_in_orders() {
        allThroughExcept();
        world.acknowledged(one);
        expect(Map.of(Anomaly.MISSING_RECORD, 1L));
    }

    @Test
    void a_record_that_was_processed_twice_is_duplicated_and_out_of_order() {
        allThroughExcept(one);
        world.acknowledged(one);
        World.Stored order = world.order(one);
        world.sink(world.process(order));
        world.sink(world.process(order));
        expect(Map.of(Anomaly.DUPLICATED, 1L, Anomaly.OUT_OF_ORDER, 1L));
    }

    @Test
    void a_repetition_that_was_processed_is_duplicated() {
        allThroughExcept(one);
        world.acknowledged(one);
        world.acknowledged(one);
        world.sink(world.process(world.order(one)));
        world.sink(world.process(world.order(one)));
        expect(Map.of(Anomaly.DUPLICATED, 1L));
    }

    @Test
    void a_repetition_without_output_is_unbalanced() {
        allThroughExcept(one);
        world.acknowledged(one);
        world.acknowledged(one);
        world.sink(world.process(world.order(one)));
        world.order(one);
        expect(Map.of(Anomaly.UNBALANCED, 1L));
    }

    @Test
    void a_duplicate_reported_twice_is_unbalanced() {
        allThroughExcept(one);
        world.acknowledged(one);
        world.acknowledged(one);
        world.sink(world.process(world.order(one)));
        World.Stored again = world.order(one);
        world.sinkDuplicate(world.reject(again));
        world.sinkDuplicate(world.reject(again));
        expect(Map.of(Anomaly.UNBALANCED, 1L));
    }

    @Test
    void an_order_that_no_client_sent_is_a_phantom_in_every_topic_and_table() {
        allThroughExcept();
        ObjectNode value =
                ContractJson.order("somebody", world.plan.content(0)).put("created_at", World.CREATED.toString());
        World.Stored processed = world.process(world.append(Topic.ORDERS, 0, "somebody", value));
        world.messageRows.get(Topic.PROCESSED).add(processed);
        expect(Map.of(Anomaly.PHANTOM, 2L));
    }

    @Test
    void a_rejected_order_that_is_present_is_a_phantom() {
        allThroughExcept(one);
        world.rejected(one);
        world.sink(world.process(world.order(one)));
        expect(Map.of(Anomaly.PHANTOM, 1L));
    }

    @Test
    void a_planned_order_that_was_not_sent_is_a_phantom() {
        allThroughExcept(one);
        world.sink(world.process(world.order(one)));
        expect(Map.of(Anomaly.PHANTOM, 1L));
    }

    @Test
    void an_output_whose_source_was_never_committed_is_a_phantom() {
        allThroughExcept(one);
        world.unanswered(one);
        World.Stored withdrawn = world.order(one);
        world.topics.get(Topic.ORDERS).remove(withdrawn);
        world.sink(world.process(withdrawn));
        Findings findings = expect(Map.of(Anomaly.PHANTOM, 1L));
        assertThat(findings.examples().getFirst().what()).contains("where nothing was committed");
    }

    /** Happens if Connect reads uncommitted records: the first attempt was aborted, but its row exists. */
    @Test
    void a_row_of_an_aborted_record_is_a_phantom() {
        allThroughExcept(one);
        world.acknowledged(one);
        World.Stored order = world.order(one);
        World.Stored withdrawn = world.process(order);
        world.topics.get(Topic.PROCESSED).remove(withdrawn);
        world.messageRows.get(Topic.PROCESSED).add(withdrawn);
        world.sink(world.process(order));
        expect(Map.of(Anomaly.PHANTOM, 1L, Anomaly.DUPLICATED, 1L));
    }

    @Test
    void a_row_of_an_order_that_was_never_committed_is_a_phantom() {
        allThroughExcept(one);
        world.unanswered(one);
        World.Stored order = world.order(one);
        World.Stored processed = world.process(order);
        world.topics.get(Topic.ORDERS).remove(order);
        world.topics.get(Topic.PROCESSED).remove(processed);
        world.sink(processed);
        expect(Map.of(Anomaly.PHANTOM, 1L));
    }

    @Test
    void a_changed_total_is_altered() {
        changed(value -> value.put("total_amount", new BigDecimal("0.01")));
    }

    @Test
    void an_amount_that_was_converted_to_binary_floating_point_is_altered() {
        changed(value -> {
            ObjectNode item = (ObjectNode) value.get("items").get(0);
            item.put("price", new BigDecimal(item.get("price").decimalValue().doubleValue() + 0.000000001));
            return value;
        });
    }

    @Test
    void a_name_with_another_character_is_altered() {
        changed(value -> {
            ObjectNode item = (ObjectNode) value.get("items").get(0);
            item.put("name", item.get("name").stringValue() + "\u0301");
            return value;
        });
    }

    @Test
    void a_changed_creation_time_is_altered() {
        changed(value ->
                value.put("created_at", world.created(one).plusNanos(1_000).toString()));
    }

    @Test
    void a_creation_time_that_differs_from_the_request_is_altered() {
        int stated = IntStream.range(one, ORDERS)
                .filter(index -> world.plan.createdAt(index).isPresent())
                .findFirst()
                .orElseThrow();
        allThroughExcept(stated);
        world.acknowledged(stated);
        World.Stored order = world.order(stated);
        order.value().put("created_at", World.CREATED.toString());
        world.sink(world.process(order));
        expect(Map.of(Anomaly.ALTERED, 1L));
    }

    @Test
    void a_wrong_status_is_altered() {
        changed(value -> value.put("status", "pending"));
    }

    @Test
    void a_wrong_processing_mode_is_altered() {
        changed(value -> value.put("processing_mode", "at-least-once"));
    }

    @Test
    void an_id_that_is_not_the_key_is_altered() {
        changed(value -> value.put("order_id", world.plan.id(one + 1)));
    }

    @Test
    void an_output_that_cannot_be_read_is_altered() {
        changed(value -> {
            value.remove("total_amount");
            return value;
        });
    }

    @Test
    void a_row_with_another_content_is_altered() {
        allThroughExcept();
        ObjectNode value = world.orderRows.get(world.plan.id(one)).value().deepCopy();
        value.put("customer_id", "?");
        world.orderRows.put(world.plan.id(one), new World.Stored(0, 0, world.plan.id(one), value));
        expect(Map.of(Anomaly.ALTERED, 1L));
    }

    @Test
    void a_row_of_orders_with_a_wrong_source_is_altered() {
        allThroughExcept();
        world.orderRows.computeIfPresent(world.plan.id(one), (id, row) -> withSourceOf(row, world.order(one + 1)));
        world.topics.get(Topic.ORDERS).removeLast();
        expect(Map.of(Anomaly.ALTERED, 1L));
    }

    @Test
    void rows_whose_partition_and_offset_of_the_source_are_swapped_are_altered() {
        allThroughExcept();
        world.messageRows.get(Topic.PROCESSED).replaceAll(row -> {
            ObjectNode value = row.value().deepCopy();
            value.set("partition", row.value().get("offset"));
            value.set("offset", row.value().get("partition"));
            return new World.Stored(row.partition(), row.offset(), row.key(), value);
        });
        // Some rows have the same partition and offset, and one in 31 has the same hash by chance.
        assertThat(world.check().count(Anomaly.ALTERED)).isGreaterThan(ORDERS * 9 / 10);
    }

    @Test
    void a_row_of_a_duplicate_with_the_id_of_another_order_is_altered() {
        allThroughExcept(one);
        world.acknowledged(one);
        world.acknowledged(one);
        world.sink(world.process(world.order(one)));
        World.Stored duplicate = world.reject(world.order(one));
        world.sinkDuplicate(
                new World.Stored(duplicate.partition(), duplicate.offset(), world.plan.id(one + 1), duplicate.value()));
        expect(Map.of(Anomaly.ALTERED, 1L));
    }

    @Test
    void a_repetition_that_was_processed_instead_of_the_first_record_is_out_of_order() {
        allThroughExcept(one);
        world.acknowledged(one);
        world.acknowledged(one);
        World.Stored first = world.order(one);
        World.Stored second = world.order(one);
        world.sink(world.process(second));
        world.sinkDuplicate(world.reject(first));
        expect(Map.of(Anomaly.OUT_OF_ORDER, 1L));
    }

    @Test
    void two_orders_that_were_swapped_within_their_partition_are_out_of_order() {
        int other = one + World.PARTITIONS;
        allThroughExcept(one, other);
        world.acknowledged(one);
        world.acknowledged(other);
        World.Stored first = world.order(one);
        World.Stored second = world.order(other);
        world.sink(world.process(second));
        world.sink(world.process(first));
        expect(Map.of(Anomaly.OUT_OF_ORDER, 1L));
    }

    @Test
    void orders_from_before_the_run_are_ignored() {
        ObjectNode value =
                ContractJson.order("earlier", world.plan.content(0)).put("created_at", World.CREATED.toString());
        World.Stored processed = world.process(new World.Stored(0, 99, "earlier", value));
        world.messageRows.get(Topic.PROCESSED).add(processed);
        allThroughExcept();
        expectNothing();
    }

    @Test
    void a_batch_with_a_missing_order_is_partially_committed() {
        int first = firstOfABlock(true);
        allThroughExcept(IntStream.range(first, first + OrderPlan.BLOCK).toArray());
        for (int index = first; index < first + OrderPlan.BLOCK; index++) {
            world.unanswered(index);
            if (index != first + 3) {
                world.sink(world.process(world.order(index)));
            }
        }
        expect(Map.of(Anomaly.PARTIAL_BATCH, 1L));
    }

    @Test
    void an_unanswered_batch_may_be_missing_as_a_whole() {
        int first = firstOfABlock(true);
        allThroughExcept(IntStream.range(first, first + OrderPlan.BLOCK).toArray());
        IntStream.range(first, first + OrderPlan.BLOCK).forEach(world::unanswered);
        expectNothing();
    }

    private void changed(UnaryOperator<ObjectNode> change) {
        allThroughExcept(one);
        world.acknowledged(one);
        World.Stored order = world.order(one);
        World.Stored processed = world.process(order);
        ObjectNode changed = change.apply(processed.value().deepCopy());
        world.topics.get(Topic.PROCESSED).remove(processed);
        world.topics
                .get(Topic.PROCESSED)
                .add(new World.Stored(processed.partition(), processed.offset(), processed.key(), changed));
        world.sink(processed);
        expect(Map.of(Anomaly.ALTERED, 1L));
    }

    private static World.Stored withSourceOf(World.Stored row, World.Stored other) {
        ObjectNode value =
                row.value().deepCopy().put("partition", other.partition()).put("offset", other.offset());
        return new World.Stored(row.partition(), row.offset(), row.key(), value);
    }

    private int firstOfABlock(boolean batch) {
        return IntStream.iterate(0, first -> first < ORDERS, first -> first + OrderPlan.BLOCK)
                .filter(first -> world.plan.isBatch(first) == batch)
                .findFirst()
                .orElseThrow(() -> new AssertionError("the plan of this seed has no such block"));
    }

    private void allThroughExcept(int... excepted) {
        for (int index = 0; index < ORDERS; index++) {
            int current = index;
            if (IntStream.of(excepted).noneMatch(other -> other == current)) {
                world.through(index);
            }
        }
    }

    private void expectNothing() {
        expect(Map.of());
    }

    private Findings expect(Map<Anomaly, Long> anomalies) {
        Findings findings = world.check();
        assertThat(findings.counts()).as("%s", findings.examples()).isEqualTo(anomalies);
        return findings;
    }
}
