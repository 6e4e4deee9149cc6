package io.onlyonce.ingest.delivery;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Exactly-once: requests share transactions (group commit) over a few {@link Lane lanes}, and each is told after its
 * commit.
 */
final class TransactionalSender implements Sender {
    private final DeliveryProperties properties;
    private final WaitingRoom room;
    private final List<Lane> lanes;

    /** The lanes open in the background. */
    TransactionalSender(DeliveryProperties properties, ProducerSettings settings, DeliveryMetrics metrics) {
        this.properties = properties;
        this.room = new WaitingRoom(
                new WaitingRoom.Limit(
                        properties.queueMaxRequests(),
                        properties.queueMaxBytes().toBytes()),
                new WaitingRoom.Limit(
                        properties.transactionMaxRecords(),
                        properties.transactionMaxBytes().toBytes()));
        this.lanes = IntStream.range(0, properties.lanes())
                .mapToObj(number -> new Lane(number, properties.transactionInterval(), settings, room, metrics))
                .toList();
        metrics.watch(room, lanes);
        lanes.forEach(Lane::start);
    }

    @Override
    public Outcome send(Submission submission) throws InterruptedException {
        if (!room.enter(submission)) {
            return submission.settle(
                    new Outcome.NotWritten("More requests wait for a transaction than there is room for"));
        }
        Optional<Outcome> outcome = submission.await(properties.answerWithin());
        if (outcome.isPresent()) {
            return outcome.get();
        }
        if (room.leave(submission)) {
            return submission.settle(new Outcome.NotWritten("No transaction could take it within %d s%s"
                    .formatted(
                            properties.answerWithin().toSeconds(),
                            problem().map(reason -> ": " + reason).orElse(""))));
        }
        return new Outcome.Unknown("The broker has not confirmed the commit yet");
    }

    @Override
    public Optional<String> problem() {
        if (lanes.stream().noneMatch(Lane::isOpen) || lanes.stream().anyMatch(Lane::isContested)) {
            return Optional.of(
                    lanes.stream().map(Lane::problem).flatMap(Optional::stream).collect(Collectors.joining("; ")));
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        room.close();
        try {
            for (Lane lane : lanes) {
                lane.close(properties.answerWithin());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
