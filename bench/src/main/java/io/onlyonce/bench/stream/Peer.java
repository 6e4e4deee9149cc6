package io.onlyonce.bench.stream;

import io.onlyonce.bench.Jvm;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.ProjectHome;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * Somebody else's way through {@code orders}, in a JVM of its own.
 *
 * @param main what runs; its arguments are the bootstrap servers, the group, a directory of its own, and the setting
 * @param first jars that come before this module's
 * @param group its consumer group, which no round before it has had
 * @param heap for -Xmx
 * @param setting what the main class wants to know beside
 */
record Peer(Class<?> main, List<Path> first, String group, String heap, String setting) {

    /** With the heap of the shipped stream. */
    static Peer ofOurs(Class<?> main, String group) {
        return ofOurs(main, group, 0);
    }

    /** @param storedIds that its memory has to restore from its changelog */
    static Peer ofOurs(Class<?> main, String group, int storedIds) {
        return new Peer(main, List.of(), group, "256m", Integer.toString(storedIds));
    }

    /** @param checkpointMs between two checkpoints */
    static Peer flink(String group, String checkpointMs) {
        // Its own RocksDB, and the Kafka client that its connector was built for: with ours it does not find a method.
        List<Path> first =
                List.of(Jvm.library("frocksdbjni"), Jvm.jar(ProjectHome.locate().brokerLibraries(), "kafka-clients"));
        // Twice what its managed memory and network buffers need: memory is not what is compared.
        return new Peer(FlinkDedup.class, first, group, "2g", checkpointMs);
    }

    /** Orders a second, see {@link Broker#rate}; leaves nothing on the broker. */
    double rate(Platform platform, Broker broker) throws Exception {
        Path directory = platform.directory().resolve(group);
        try (Jvm jvm = Jvm.startAfter(
                first,
                heap,
                directory.resolve("peer.log"),
                main,
                platform.bootstrapServers(),
                group,
                directory.toString(),
                setting)) {
            try {
                return broker.rate(group, jvm::checkAlive);
            } catch (TimeoutException e) {
                throw new IllegalStateException(e.getMessage() + "\n" + jvm.logTail(), e);
            }
        } finally {
            broker.forget(group);
        }
    }
}
