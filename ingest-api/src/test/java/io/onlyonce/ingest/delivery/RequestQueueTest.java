package io.onlyonce.ingest.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class RequestQueueTest {
    private final RequestQueue queue = new RequestQueue(new RequestQueue.Limit(4, 100), new RequestQueue.Limit(3, 60));

    @Test
    void drains_requests_in_order_of_arrival_up_to_the_batch_limit() throws InterruptedException {
        List<PendingRequest> four =
                IntStream.range(0, 4).mapToObj(i -> request(1, 10)).toList();
        four.forEach(queue::offer);
        assertThat(queue.drain()).isEqualTo(four.subList(0, 3));
        assertThat(queue.drain()).isEqualTo(four.subList(3, 4));
        assertThat(queue.bytes()).isZero();
    }

    @Test
    void a_batch_stays_within_its_limit_of_bytes() throws InterruptedException {
        PendingRequest first = request(1, 40);
        queue.offer(first);
        queue.offer(request(1, 30));
        assertThat(queue.drain()).containsExactly(first);
    }

    @Test
    void a_request_above_the_batch_limit_is_drained_alone() throws InterruptedException {
        PendingRequest large = request(5, 10);
        queue.offer(large);
        queue.offer(request(1, 10));
        assertThat(queue.drain()).containsExactly(large);
    }

    @Test
    void a_full_queue_rejects_requests() {
        IntStream.range(0, 4)
                .forEach(i -> assertThat(queue.offer(request(1, 1))).isTrue());
        assertThat(queue.offer(request(1, 1))).isFalse();
    }

    @Test
    void a_request_that_exceeds_the_bytes_of_the_queue_is_rejected() {
        assertThat(queue.offer(request(1, 60))).isTrue();
        assertThat(queue.offer(request(1, 41))).isFalse();
        assertThat(queue.offer(request(1, 40))).isTrue();
    }

    @Test
    void a_removed_request_is_not_drained_and_a_drained_request_cannot_be_removed() throws InterruptedException {
        PendingRequest drained = request(1, 10);
        PendingRequest removed = request(1, 10);
        queue.offer(removed);
        queue.offer(drained);
        assertThat(queue.remove(removed)).isTrue();
        assertThat(queue.drain()).containsExactly(drained);
        assertThat(queue.remove(drained)).isFalse();
    }

    @Test
    void requeued_requests_are_drained_first_and_in_order() throws InterruptedException {
        PendingRequest first = request(1, 10);
        PendingRequest second = request(1, 10);
        PendingRequest third = request(1, 10);
        queue.offer(first);
        queue.offer(second);
        List<PendingRequest> batch = queue.drain();
        queue.offer(third);
        queue.requeue(batch);
        assertThat(queue.drain()).containsExactly(first, second, third);
    }

    @Test
    void a_closed_queue_rejects_requests_and_is_drained_until_it_is_empty() throws InterruptedException {
        PendingRequest last = request(1, 10);
        queue.offer(last);
        queue.close();
        assertThat(queue.offer(request(1, 10))).isFalse();
        assertThat(queue.drain()).containsExactly(last);
        assertThat(queue.drain()).isEmpty();
    }

    private static PendingRequest request(int records, int bytes) {
        return new PendingRequest(IntStream.range(0, records)
                .mapToObj(i -> new ProducerRecord<>("orders", new byte[0], new byte[bytes / records]))
                .toList());
    }
}
