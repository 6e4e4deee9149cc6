package io.onlyonce.query.audit;

import java.util.zip.CRC32;

/**
 * The share of the ids that one pass looks at. PostgreSQL's {@code crc32(bytea)} is the same function, so that the
 * server sends no row that the pass would throw away.
 */
record Slice(int index, int count) {
    boolean holds(byte[] id) {
        if (count == 1) {
            return true;
        }
        CRC32 crc = new CRC32();
        if (id != null) {
            crc.update(id);
        }
        return crc.getValue() % count == index;
    }
}
