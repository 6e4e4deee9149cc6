package io.onlyonce.ingest.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.Producer;
import org.springframework.core.NestedExceptionUtils;

/** One transaction and the submissions that ride in it. */
final class SharedTransaction {
    private static final int MAX_ATTEMPTS = 3;

    private final List<Submission> group;

    SharedTransaction(List<Submission> group) {
        this.group = group;
    }

    int records() {
        return group.stream().mapToInt(Submission::records).sum();
    }

    /** @return what went wrong; then the producer must be closed before anything can be {@link #conclude concluded} */
    Optional<RuntimeException> commit(Producer<byte[], byte[]> producer) {
        try {
            producer.beginTransaction();
            for (Submission submission : group) {
                submission.sendTo(producer);
            }
            producer.commitTransaction();
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(e);
        }
    }

    void tellCommitted() {
        for (Submission submission : group) {
            submission.settle(new Outcome.Written(submission.attempt().positions()));
        }
    }

    /**
     * Whether the commit may have reached the broker. A producer asks for it only when every record of the transaction
     * has been acknowledged. Hence, if one was not, it did not ask, and closed it will not: nothing of the transaction
     * can ever be read. If all were, it may have asked and lost the answer.
     */
    boolean mayBeCommitted() {
        return group.stream().map(Submission::attempt).allMatch(attempt -> attempt != null && attempt.acknowledged());
    }

    /** @return those who were not told, as another transaction may take them */
    List<Submission> conclude(RuntimeException failure) {
        String said = NestedExceptionUtils.getMostSpecificCause(failure).getMessage();
        boolean mayBeCommitted = mayBeCommitted();
        List<Submission> again = new ArrayList<>();
        for (Submission submission : group) {
            Submission.Attempt attempt = submission.attempt();
            if (mayBeCommitted) {
                submission.settle(new Outcome.Unknown("The broker did not say whether it committed: " + said));
            } else if (attempt != null && attempt.recordAtFault()) {
                submission.settle(new Outcome.Refused(attempt.failure().getMessage()));
            } else if (submission.attempts() >= MAX_ATTEMPTS) {
                submission.settle(new Outcome.NotWritten("The transaction was aborted: " + said));
            } else {
                again.add(submission);
            }
        }
        return again;
    }
}
