package io.onlyonce.query;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.DeadLetter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** In this test, neither the producer nor Connect is running. {@link CompleteSystemIT} tests successful replays. */
class DeadLettersIT extends QueryApiIT {
    @Test
    void dead_letters_are_listed_with_their_reason_and_their_source() {
        RecordMetadata source = source();
        RecordMetadata letter = pipeline.commit(letter("a", "{", source));
        JsonNode listed = get("/dead-letters").at("/dead_letters/0");
        assertThat(listed.at("/topic").asString()).isEqualTo("orders.dlq");
        assertThat(listed.at("/partition").asInt(-1)).isEqualTo(letter.partition());
        assertThat(listed.at("/offset").asLong(-1)).isEqualTo(letter.offset());
        assertThat(listed.at("/reason").asString()).isEqualTo("is not JSON");
        assertThat(listed.at("/key").asString()).isEqualTo("a");
        assertThat(listed.at("/value").asString()).isEqualTo("{");
        assertThat(listed.at("/value_bytes").asInt()).isEqualTo(1);
        assertThat(listed.at("/source/topic").asString()).isEqualTo("orders");
        assertThat(listed.at("/source/partition").asInt(-1)).isEqualTo(source.partition());
        assertThat(listed.at("/source/offset").asLong(-1)).isEqualTo(source.offset());
        assertThat(get(path(letter)).text()).isEqualTo("{");
    }

    @Test
    void the_pages_contain_each_committed_dead_letter_once() {
        List<String> keys = IntStream.range(0, 25).mapToObj(i -> "key-" + i).toList();
        RecordMetadata source = source();
        for (String key : keys) {
            pipeline.commit(letter(key, "x", source));
            pipeline.abort(letter("aborted-" + key, "x", source));
        }
        pipeline.commit(Pipeline.record("postgres-sink.dlq", "of-sink", bytes("y")));
        List<String> listed = new ArrayList<>();
        String cursor = "";
        int pages = 0;
        do {
            Api.Response page = get("/dead-letters?limit=4&cursor=" + cursor);
            assertThat(page.status()).as(page.text()).isEqualTo(200);
            assertThat(page.at("/dead_letters").size()).isLessThanOrEqualTo(4);
            page.at("/dead_letters")
                    .forEach(letter -> listed.add(letter.at("/key").asString()));
            cursor = page.at("/next").asString("");
            pages++;
        } while (!cursor.isEmpty() && pages < 50);
        List<String> expected = new ArrayList<>(keys);
        expected.add("of-sink");
        assertThat(listed).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(listed.getFirst()).as("the newest").isEqualTo("of-sink");
    }

    @Test
    void without_dead_letters_the_list_is_empty() {
        Api.Response page = get("/dead-letters");
        assertThat(page.at("/dead_letters").size()).isZero();
        assertThat(page.at("/next").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "/dead-letters?limit=0,400",
        "/dead-letters?limit=101,400",
        "/dead-letters?cursor=nothing,400",
        "/dead-letters/orders/0/0,404",
        "/dead-letters/orders.dlq/99/0,404",
        "/dead-letters/orders.dlq/0/999999999,404",
        "/dead-letters/orders.dlq/0/x,400"
    })
    void an_invalid_request_is_rejected(String path, int status) {
        Api.Response response = get(path);
        assertThat(response.status()).as(response.text()).isEqualTo(status);
        assertThat(response.type()).startsWith("application/problem+json");
    }

    @Test
    void an_order_without_an_id_is_not_replayed_because_each_replay_would_be_a_new_order() {
        RecordMetadata source = source();
        Api.Response response = post(path(pipeline.commit(letter("a", "{}", source))) + "/replay");
        assertThat(response.status()).isEqualTo(422);
        assertThat(response.at("/detail").asString()).contains("has no order_id");
    }

    @Test
    void a_dead_letter_that_was_cut_is_not_replayed_unchanged() {
        RecordMetadata source = source();
        var cut = letter("a", "{\"order_id\":\"a\"}", source);
        cut.headers().add(DeadLetter.CUT, bytes("9000000"));
        RecordMetadata letter = pipeline.commit(cut);
        assertThat(get("/dead-letters").at("/dead_letters/0/value_bytes").asInt())
                .isEqualTo(9_000_000);
        Api.Response response = post(path(letter) + "/replay");
        assertThat(response.status()).isEqualTo(422);
        assertThat(response.at("/detail").asString()).contains("does not contain a complete order");
    }

    @Test
    void without_the_ingest_api_the_response_names_it() {
        RecordMetadata source = source();
        Api.Response response = post(path(pipeline.commit(letter("a", "{\"order_id\":\"a\"}", source))) + "/replay");
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.at("/detail").asString()).contains("the producer is not running");
    }

    @Test
    void without_connect_a_record_of_the_sink_cannot_be_read_again() {
        RecordMetadata withoutSource = pipeline.commit(Pipeline.record("postgres-sink.dlq", "a", bytes("{}")));
        assertThat(post(path(withoutSource) + "/replay").status()).isEqualTo(422);
        var letter = Pipeline.record("postgres-sink.dlq", "a", bytes("{}"));
        letter.headers()
                .add("__connect.errors.topic", bytes("orders.processed"))
                .add("__connect.errors.partition", bytes("0"))
                .add("__connect.errors.offset", bytes("0"));
        Api.Response response = post(path(pipeline.commit(letter)) + "/replay");
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.at("/detail").asString()).contains("Connect is not running");
    }

    @Test
    void an_order_that_is_stored_is_not_sent_again() {
        Pipeline.Stored stored = pipeline.store(Pipeline.order("stored"));
        Api.Response response =
                post(path(pipeline.commit(letter("a", "{\"items\":[[]],\"order_id\":\"stored\"}", stored.source())))
                        + "/replay");
        assertThat(response.at("/through").asString()).as(response.text()).isEqualTo("none");
        assertThat(response.at("/record/offset").asLong(-1))
                .isEqualTo(stored.source().offset());
    }

    @Test
    void headers_of_the_original_record_do_not_break_the_list() {
        RecordMetadata source = source();
        var letter = letter("a", "{}", source);
        letter.headers().add(DeadLetter.CUT, bytes("x"));
        pipeline.commit(letter);
        assertThat(get("/dead-letters").at("/dead_letters/0/value_bytes").asInt())
                .isEqualTo(2);
    }

    @Test
    void many_aborted_transactions_do_not_hide_a_dead_letter() {
        RecordMetadata source = source();
        pipeline.commit(letter("a", "{}", source));
        for (int i = 0; i < 10; i++) {
            pipeline.abort(letter("a", "{}", source));
        }
        assertThat(get("/dead-letters?limit=1").at("/dead_letters").size()).isEqualTo(1);
    }

    /** Writes the record of a dead letter. */
    private RecordMetadata source() {
        return pipeline.commit(Pipeline.record(Topics.ORDERS, "a", bytes("{}")));
    }

    private static String path(RecordMetadata letter) {
        return "/dead-letters/%s/%d/%d".formatted(letter.topic(), letter.partition(), letter.offset());
    }

    private static ProducerRecord<byte[], byte[]> letter(String key, String value, RecordMetadata source) {
        var letter = Pipeline.deadLetter(key, bytes(value), source);
        letter.headers().add(DeadLetter.REASON, bytes("is not JSON"));
        return letter;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
