package io.onlyonce.verifier;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Delivers an order, or a batch, as a client does that must not lose it, and notes each attempt in the ledger. */
final class Courier {
    private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(120);
    private static final long SHORTEST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final Plan plan;
    private final Ledger ledger;
    private final Requests requests;
    private final Meter meter;
    private final Findings findings;
    private volatile boolean stopped;

    Courier(Plan plan, Ledger ledger, Requests requests, Meter meter, Findings findings) {
        this.plan = plan;
        this.ledger = ledger;
        this.requests = requests;
        this.meter = meter;
        this.findings = findings;
    }

    /** From here on no attempt is repeated. */
    void stop() {
        stopped = true;
    }

    /**
     * Sends again, with the same ids, until there is an answer; gives up after two minutes, and sometimes at once.
     *
     * @return how the last attempt ended
     */
    Answer deliver(int first) throws InterruptedException {
        long giveUp = System.nanoTime() + GIVE_UP_AFTER.toNanos();
        for (long pause = SHORTEST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
            Answer answer = attempt(first);
            boolean settled = switch (answer) {
                case Answer.Acknowledged _, Answer.Rejected _ -> true;
                case Answer.Unanswered _ -> plan.abandons(first);
                case Answer.NotSent _ -> false;
            };
            if (settled || stopped || System.nanoTime() - giveUp > 0) {
                return answer;
            }
            TimeUnit.MILLISECONDS.sleep(pause);
            meter.retries.increment();
        }
    }

    private Answer attempt(int first) throws InterruptedException {
        int behind = first + plan.unitSize(first);
        for (int index = first; index < behind; index++) {
            ledger.sending(index);
        }
        long sent = System.nanoTime();
        Answer answer = requests.send(first);
        switch (answer) {
            case Answer.Acknowledged _ -> {
                for (int index = first; index < behind; index++) {
                    meter.acknowledged(ledger.acknowledged(index));
                }
                meter.answered(sent, System.nanoTime());
            }
            case Answer.Rejected rejected -> {
                for (int index = first; index < behind; index++) {
                    ledger.rejected(index);
                }
                findings.add(Anomaly.REFUSED, plan.id(first), rejected.why());
            }
            case Answer.Unanswered _ -> meter.unanswered.increment();
            case Answer.NotSent _ -> {
                for (int index = first; index < behind; index++) {
                    ledger.notSent(index);
                }
                meter.notSent.increment();
            }
        }
        return answer;
    }
}
