package io.onlyonce.query.audit;

import java.util.zip.CRC32;

/**
 * The order_ids that one pass examines. PostgreSQL's {@code crc32(bytea)} is the same function, so that the server can
 * filter the rows.
 */
record OrderIdShard(int index, int count) {
    boolean contains(byte[] orderId) {
        if (count == 1) {
            return true;
        }
        CRC32 crc = new CRC32();
        if (orderId != null) {
            crc.update(orderId);
        }
        return crc.getValue() % count == index;
    }
}
