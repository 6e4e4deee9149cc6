package io.onlyonce.postgres.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.kafka.connect.errors.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values are stored exactly, or rejected before PostgreSQL sees them. The values are those of a JSON record. */
class ColumnEncoderTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "integer                  | 2147483647                    | 2147483647",
                "smallint                 | 1.0                           | 1",
                "bigint                   | -9223372036854775808          | -9223372036854775808",
                "numeric(19,2)            | 99999999999999999.99          | 99999999999999999.99",
                "numeric(19,2)            | 1.50                          | 1.5",
                "numeric                  | 0.1234567890123456789         | 0.1234567890123456789",
                "timestamp with time zone | \"2026-11-28T11:00:00+01:00\" | 2026-11-28T10:00:00Z",
                "timestamp with time zone | \"2026-01-31T23:59:59.123456Z\" | 2026-01-31T23:59:59.123456Z",
                "timestamp with time zone | \"2024-02-29T00:00:00Z\"    | 2024-02-29T00:00:00Z",
                "timestamp(0) with time zone | \"2026-11-28T10:00:00Z\" | 2026-11-28T10:00:00Z",
                "timestamp with time zone | \"2026-11-28T10:00:00.1234560Z\" | 2026-11-28T10:00:00.123456Z",
                "jsonb                    | {\"price\":1.10,\"n\":[1]}    | {\"price\":1.10,\"n\":[1]}",
                "boolean                  | true                          | true",
                "text                     | \"a\\tb\\\\c\"                | a\\tb\\\\c",
                "text                     | \"\\n\\r\ud83d\ude00\\\\ж\\n\" | \\n\\r\ud83d\ude00\\\\ж\\n",
                "text                     | null                          | \\N",
            })
    void a_value_that_the_column_can_hold_keeps_its_digits(String type, String json, String copied) {
        assertThat(encode(type, json)).isEqualTo(copied);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "integer                  | 2147483648                     | must be between",
                "integer                  | 1e1000000000                   | must be between",
                "integer                  | 0.5                            | whole numbers",
                "integer                  | \"1\"                          | needs a number",
                "numeric(19,2)            | 0.001                          | 2 decimals",
                "numeric(19,2)            | 1e17                           | 17 digits",
                "timestamp with time zone | \"2026-11-28T10:00:00\"        | ISO 8601",
                "timestamp with time zone | \"2026-11-28T10:00:00.1234567Z\" | 6 decimals",
                "timestamp with time zone | \"2026-02-29T10:00:00Z\"       | ISO 8601",
                "timestamp with time zone | \"2026-04-31T10:00:00Z\"       | ISO 8601",
                "timestamp with time zone | \"2026-13-01T10:00:00Z\"       | ISO 8601",
                "timestamp with time zone | \"2026-11-28T24:00:00Z\"       | ISO 8601",
                "timestamp with time zone | \"2026-11-28T10:00:60Z\"       | ISO 8601",
                "timestamp with time zone | \"0000-11-28T10:00:00Z\"       | must be between",
                "timestamp(0) with time zone | \"2026-11-28T10:00:00.5Z\"  | 0 decimals",
                "timestamp(3) without time zone | \"2026-11-28T10:00:00.0001Z\" | 3 decimals",
                "integer                  | 1e-500000000                   | whole numbers",
                "numeric(5,-2)            | 150                            | decimals",
                "timestamp with time zone | 1                              | needs a time",
                "text                     | \"\\u0000\"                    | U+0000",
                "text                     | \"\\ud83d\"                    | unpaired surrogate",
                "bytea                    | \"text\"                       | needs bytes",
            })
    void a_value_that_the_column_cannot_hold_exactly_is_rejected(String type, String json, String reason) {
        assertThatThrownBy(() -> encode(type, json))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void null_is_rejected_if_the_column_requires_a_value() {
        assertThatThrownBy(() -> new ColumnEncoder("id", "text", false).append(null, new StringBuilder()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("id must not be null");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{\"a\":1,\"a\":2}", "{\"a\":1} x", "{\"a\":", "' '", "{'a':1}", "NaN"})
    void text_that_is_not_exactly_one_json_value_is_rejected(String text) {
        ExactJsonConverter converter = new ExactJsonConverter();
        assertThatThrownBy(() -> converter.toConnectData("topic", text.getBytes(UTF_8)))
                .isInstanceOf(DataException.class);
    }

    @Test
    void json_is_written_as_it_was_read() {
        String json = "{\"a\":[1,2.50,\"ж\",true,null],\"b\":{\"c\":12345678901234567890}}";
        ExactJsonConverter converter = new ExactJsonConverter();
        Object value = converter.toConnectData("topic", json.getBytes(UTF_8)).value();
        assertThat(value).isInstanceOf(Map.class);
        assertThat(new String(converter.fromConnectData("topic", null, value), UTF_8))
                .isEqualTo(json);
    }

    private static String encode(String type, String json) {
        StringBuilder row = new StringBuilder();
        new ColumnEncoder("column", type, true).append(Json.parse(json.getBytes(UTF_8)), row);
        return row.toString();
    }
}
