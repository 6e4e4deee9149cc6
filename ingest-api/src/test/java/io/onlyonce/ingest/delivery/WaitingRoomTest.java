package io.onlyonce.ingest.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class WaitingRoomTest {
    private final WaitingRoom room = new WaitingRoom(new WaitingRoom.Limit(4, 100), new WaitingRoom.Limit(3, 60));

    @Test
    void those_who_fit_leave_together_in_the_order_they_came() throws InterruptedException {
        List<Submission> four =
                IntStream.range(0, 4).mapToObj(i -> submission(1, 10)).toList();
        four.forEach(room::enter);
        assertThat(room.takeGroup()).isEqualTo(four.subList(0, 3));
        assertThat(room.takeGroup()).isEqualTo(four.subList(3, 4));
        assertThat(room.bytes()).isZero();
    }

    @Test
    void a_group_stops_before_its_limit_of_bytes() throws InterruptedException {
        Submission first = submission(1, 40);
        room.enter(first);
        room.enter(submission(1, 30));
        assertThat(room.takeGroup()).containsExactly(first);
    }

    @Test
    void a_batch_above_the_limit_leaves_alone() throws InterruptedException {
        Submission batch = submission(5, 10);
        room.enter(batch);
        room.enter(submission(1, 10));
        assertThat(room.takeGroup()).containsExactly(batch);
    }

    @Test
    void nobody_enters_a_full_room() {
        IntStream.range(0, 4)
                .forEach(i -> assertThat(room.enter(submission(1, 1))).isTrue());
        assertThat(room.enter(submission(1, 1))).isFalse();
    }

    @Test
    void nobody_enters_where_the_bytes_do_not_fit() {
        assertThat(room.enter(submission(1, 60))).isTrue();
        assertThat(room.enter(submission(1, 41))).isFalse();
        assertThat(room.enter(submission(1, 40))).isTrue();
    }

    @Test
    void who_leaves_is_not_taken_and_who_was_taken_cannot_leave() throws InterruptedException {
        Submission patient = submission(1, 10);
        Submission impatient = submission(1, 10);
        room.enter(impatient);
        room.enter(patient);
        assertThat(room.leave(impatient)).isTrue();
        assertThat(room.takeGroup()).containsExactly(patient);
        assertThat(room.leave(patient)).isFalse();
    }

    @Test
    void who_comes_back_is_first_again_and_in_order() throws InterruptedException {
        Submission first = submission(1, 10);
        Submission second = submission(1, 10);
        Submission third = submission(1, 10);
        room.enter(first);
        room.enter(second);
        List<Submission> group = room.takeGroup();
        room.enter(third);
        room.comeBack(group);
        assertThat(room.takeGroup()).containsExactly(first, second, third);
    }

    @Test
    void a_closed_room_empties_and_then_gives_nobody() throws InterruptedException {
        Submission last = submission(1, 10);
        room.enter(last);
        room.close();
        assertThat(room.enter(submission(1, 10))).isFalse();
        assertThat(room.takeGroup()).containsExactly(last);
        assertThat(room.takeGroup()).isEmpty();
    }

    private static Submission submission(int records, int bytes) {
        return new Submission(IntStream.range(0, records)
                .mapToObj(i -> new ProducerRecord<>("orders", new byte[0], new byte[bytes / records]))
                .toList());
    }
}
