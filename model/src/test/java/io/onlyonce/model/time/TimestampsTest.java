package io.onlyonce.model.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1970-01-01T00:00:00Z",
                "2026-11-23T10:15:30Z",
                "2024-02-29T23:59:59.9Z",
                "2026-11-23T10:15:30.123456789Z",
                "2026-11-23T10:15:30.000001Z",
                "9999-12-31T23:59:59.999999Z",
                "2026-11-23T10:15:30.5+05:30"
            })
    void a_time_is_parsed_like_the_jdk_does(String text) {
        assertThat(Timestamps.parse(text)).isEqualTo(OffsetDateTime.parse(text).toInstant());
    }

    @Test
    void the_text_of_an_instant_is_parsed_to_the_same_instant() {
        Instant now = Instant.now();
        for (int i = 0; i < 100_000; i++) {
            Instant instant = now.plusNanos(i * 86_399_999_999_937L);
            assertThat(Timestamps.parse(instant.toString())).isEqualTo(instant);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Z",
                "2026-11-23",
                "2026-11-23T10:15:30",
                "2026-02-30T10:15:30Z",
                "2026-13-01T10:15:30Z",
                "2026-11-23T24:15:30Z",
                "2026-11-23T10:60:30Z",
                "2026-11-23T10:15:60Z",
                "2026-11-23T10:15:30.1234567890Z",
                "2026-11-23T1a:15:30Z"
            })
    void an_invalid_time_is_rejected(String text) {
        assertThatExceptionOfType(DateTimeException.class).isThrownBy(() -> Timestamps.parse(text));
    }
}
