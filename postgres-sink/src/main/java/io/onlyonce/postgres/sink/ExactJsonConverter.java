package io.onlyonce.postgres.sink;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.storage.Converter;

/**
 * Converts JSON without a schema, and keeps all digits of a decimal. Kafka's JsonConverter reads a decimal without a
 * schema as a double, and accepts an object that contains the same name twice. This converter rejects such an object.
 */
public final class ExactJsonConverter implements Converter {
    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        // The converter has no settings.
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef();
    }

    @Override
    public byte[] fromConnectData(String topic, Schema schema, Object value) {
        return value == null ? null : Json.text(value).getBytes(StandardCharsets.UTF_8);
    }

    /** @throws DataException if the bytes are not exactly one JSON value */
    @Override
    public SchemaAndValue toConnectData(String topic, byte[] value) {
        return value == null ? SchemaAndValue.NULL : new SchemaAndValue(null, Json.parse(value));
    }
}
