package io.onlyonce.ingest;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import com.fasterxml.uuid.StringArgGenerator;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Generates the ids of orders that the client sends without an order_id. */
@Component
final class OrderIds {
    private static final int MAX_KEY_LENGTH = 255;

    /** Must never change: a retry with the same key must get the same id, also after an upgrade. */
    private static final UUID NAMESPACE = UUID.fromString("6f1d0a53-5f3c-4c55-8a5f-2b7f6f0e8d14");

    private final StringArgGenerator fromKey = Generators.nameBasedGenerator(NAMESPACE);
    /** UUIDv7: ids from the same time are adjacent in the dedup store and in the indexes of the tables. */
    private final NoArgGenerator fromTime = Generators.timeBasedEpochGenerator();

    /**
     * @param idempotencyKey null if the client sent none
     * @param suffix distinguishes the orders of a batch, which have the same key
     * @return a UUIDv5 of the key and the suffix, or a new UUIDv7 without a key
     */
    String of(String idempotencyKey, String suffix) {
        if (idempotencyKey == null) {
            return fromTime.generate().toString();
        }
        if (idempotencyKey.isBlank() || idempotencyKey.length() > MAX_KEY_LENGTH) {
            throw new IllegalArgumentException(
                    "Idempotency-Key must not be blank and can have at most %d characters, but has %d"
                            .formatted(MAX_KEY_LENGTH, idempotencyKey.length()));
        }
        return fromKey.generate(idempotencyKey + suffix).toString();
    }
}
