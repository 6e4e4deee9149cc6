package io.onlyonce.verifier.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LedgerTest {
    private final Ledger ledger = new Ledger(3);

    @Test
    void an_attempt_is_unanswered_until_its_response_is_recorded() {
        ledger.sending(1);
        assertThat(ledger.unanswered(1)).isEqualTo(1);
        assertThat(ledger.acknowledged(1)).isTrue();
        assertThat(ledger.unanswered(1)).isZero();
        ledger.sending(1);
        assertThat(ledger.acknowledged(1)).isFalse();
        assertThat(ledger.acknowledgements(1)).isEqualTo(2);
        ledger.sending(1);
        ledger.rejected(1);
        ledger.sending(1);
        ledger.notSent(1);
        assertThat(ledger.rejections(1)).isEqualTo(1);
        assertThat(ledger.unanswered(1)).isZero();
    }

    @Test
    void counts_saturate_without_changing_other_counts() {
        for (int i = 0; i < 300; i++) {
            ledger.sending(1);
        }
        ledger.acknowledged(1);
        assertThat(ledger.unanswered(1)).isEqualTo(Ledger.LIMIT);
        assertThat(ledger.acknowledgements(1)).isEqualTo(1);
        assertThat(ledger.rejections(1)).isZero();
        assertThat(ledger.unanswered(0)).isZero();
        assertThat(ledger.unanswered(2)).isZero();
    }
}
