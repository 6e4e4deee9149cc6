package io.onlyonce.query;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.Topics;
import java.net.URLEncoder;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class OrderRecordsIT extends QueryApiIT {
    @Test
    void the_records_of_an_order_have_their_coordinates_and_traces() {
        Order order = Pipeline.order("käse/1");
        var request = Pipeline.record(Topics.ORDERS, order.orderId(), OrderJson.write(order));
        request.headers().add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".getBytes(UTF_8));
        RecordMetadata source = pipeline.commit(request);
        ProcessedOrder processed = Pipeline.processed(order, source);
        RecordMetadata output = pipeline.commit(Pipeline.record(processed));
        pipeline.storeRows(processed, output);

        JsonNode records = records(order.orderId());
        assertThat(records.size()).isEqualTo(2);
        assertThat(records.at("/0/topic").asString()).isEqualTo(Topics.ORDERS);
        assertThat(records.at("/0/offset").asLong()).isEqualTo(source.offset());
        assertThat(records.at("/0/value_bytes").asInt()).isEqualTo(OrderJson.write(order).length);
        assertThat(records.at("/0/trace_id").asString()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(records.at("/0/trace_url").asString()).isEqualTo("http://traces/0af7651916cd43dd8448eb211c80319c");
        assertThat(records.at("/1/topic").asString()).isEqualTo(Topics.PROCESSED);
        assertThat(records.at("/1/offset").asLong()).isEqualTo(output.offset());
        assertThat(records.at("/1/trace_id").isNull())
                .as("record without a trace")
                .isTrue();
    }

    @Test
    void a_deleted_record_has_only_its_coordinates() {
        Pipeline.Stored stored = pipeline.store(Pipeline.order("old"));
        pipeline.deleteThrough(stored.source());
        JsonNode records = records("old");
        assertThat(records.at("/0/offset").asLong()).isEqualTo(stored.source().offset());
        assertThat(records.at("/0/appended_at").isNull()).isTrue();
        assertThat(records.at("/1/appended_at").isNull()).isFalse();
    }

    @Test
    void a_record_of_another_order_at_the_same_offset_is_not_returned() {
        RecordMetadata other = pipeline.ingest(Pipeline.order("other"));
        ProcessedOrder processed = Pipeline.processed(Pipeline.order("before-the-new-topic"), other);
        pipeline.storeRows(processed, pipeline.commit(Pipeline.record(processed)));
        assertThat(records("before-the-new-topic").at("/0/value_bytes").isNull())
                .isTrue();
    }

    @Test
    void the_processed_record_is_listed_after_many_duplicates() {
        Pipeline.Stored stored = pipeline.store(Pipeline.order("repeated"));
        for (int i = 0; i < 12; i++) {
            RecordMetadata repetition = pipeline.ingest(Pipeline.order("repeated"));
            pipeline.insertDuplicate("repeated", repetition, false);
        }
        jdbc.sql("UPDATE duplicate_messages SET source_offset = __connect_offset")
                .update();
        Api.Response response = get("/orders/repeated/records");
        assertThat(response.at("/complete").booleanValue()).isFalse();
        assertThat(response.at("/records").size()).isEqualTo(11);
        assertThat(response.at("/records/10/offset").asLong())
                .isEqualTo(stored.output().offset());
        assertThat(response.at("/records/9/appended_at").isNull()).isFalse();
    }

    @Test
    void an_unknown_order_is_not_found() {
        assertThat(get("/orders/unknown/records").status()).isEqualTo(404);
    }

    private JsonNode records(String orderId) {
        Api.Response response = get("/orders/" + URLEncoder.encode(orderId, UTF_8) + "/records");
        assertThat(response.status()).as(response.text()).isEqualTo(200);
        return response.at("/records");
    }
}
