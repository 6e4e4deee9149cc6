package io.onlyonce.stream.runtime;

import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * Recognizes a failure that repeats until the local store is deleted, because its files are damaged. Kafka Streams reports
 * it like any other failure of the store, such as a full disk, after which the store is still valid.
 */
final class StoreDamage {
    private StoreDamage() {}

    static boolean isCauseOf(Throwable failure) {
        return ThreadFailures.causes(failure)
                .filter(RocksDBException.class::isInstance)
                .map(cause -> ((RocksDBException) cause).getStatus())
                .anyMatch(status -> status != null && status.getCode() == Status.Code.Corruption);
    }
}
