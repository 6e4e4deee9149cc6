package io.onlyonce.ingest;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import com.fasterxml.uuid.StringArgGenerator;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Identities for orders that come without one. */
@Component
final class OrderIds {
    private static final int MAX_KEY_LENGTH = 255;

    /** Drawn once. Never to be changed: a key must give the same id to a retry, also after an upgrade. */
    private static final UUID NAMESPACE = UUID.fromString("6f1d0a53-5f3c-4c55-8a5f-2b7f6f0e8d14");

    private final StringArgGenerator byName = Generators.nameBasedGenerator(NAMESPACE);
    /** UUIDv7: ids in the order of time are neighbours in the dedup store and in the tables' indexes. */
    private final NoArgGenerator byTime = Generators.timeBasedEpochGenerator();

    /**
     * @param idempotencyKey as the client sent it, or null
     * @return the same id for the same key (UUIDv5), else a new one
     */
    String of(String idempotencyKey) {
        return idempotencyKey == null
                ? byTime.generate().toString()
                : byName.generate(checked(idempotencyKey)).toString();
    }

    /** Of one order of a batch. A header holds no NUL: no single order's key is the same. */
    String of(String idempotencyKey, int index) {
        return idempotencyKey == null
                ? of(null)
                : byName.generate(checked(idempotencyKey) + '\0' + index).toString();
    }

    private static String checked(String key) {
        if (key.isBlank() || key.length() > MAX_KEY_LENGTH) {
            throw new IllegalArgumentException(
                    "Idempotency-Key is blank, or longer than " + MAX_KEY_LENGTH + " characters");
        }
        return key;
    }
}
