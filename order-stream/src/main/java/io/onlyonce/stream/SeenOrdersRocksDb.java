package io.onlyonce.stream;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * RocksDB for the dedup memory: point lookups, nearly all of them for ids that are not there, and as many writes.
 *
 * <p>All stores of the process share one cache, and what waits to be written counts against it too: however many
 * partitions there are, both take {@link #CACHE_BYTES} at the most. Filters and indexes are beside it, 1.5 bytes an id.
 * Public, with a public constructor, for Kafka Streams.
 */
public final class SeenOrdersRocksDb implements RocksDBConfigSetter {
    private static final long CACHE_BYTES = 128L * 1024 * 1024;
    private static final long WRITE_BUFFERS_BYTES = 64L * 1024 * 1024;
    private static final long WRITE_BUFFER_BYTES = 16L * 1024 * 1024;

    static {
        RocksDB.loadLibrary();
    }

    /** Shards of the cache: few, so that each is many times what may be in it at once. */
    private static final int CACHE_SHARD_BITS = 3;

    private static final Cache CACHE = new LRUCache(CACHE_BYTES, CACHE_SHARD_BITS);
    private static final WriteBufferManager WRITE_BUFFERS = new WriteBufferManager(WRITE_BUFFERS_BYTES, CACHE);

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        // The instance is Kafka Streams' own: another one would lose it the metrics of the cache.
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(CACHE);
        // Each lookup asks filters and indexes. Out of the cache, its lock and its eviction, a lookup among ten million
        // ids takes 3 µs instead of 6.
        table.setCacheIndexAndFilterBlocks(false);
        // 10 bits an id: 99 of 100 lookups of a new id end here, without reading a block.
        table.setFilterPolicy(new BloomFilter(10, false));
        options.setTableFormatConfig(table);
        // Kafka Streams' default leaves the filters of the last level out, expecting that lookups hit. Ours miss.
        options.setOptimizeFiltersForHits(false);
        // The newest ids are in the write buffer: the same question answered there.
        options.setMemtablePrefixBloomSizeRatio(0.1);
        options.setMemtableWholeKeyFiltering(true);
        options.setWriteBufferManager(WRITE_BUFFERS);
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
    }

    @Override
    public void close(String storeName, Options options) {
        // Cache and write buffer manager are the process's, not the store's.
    }
}
