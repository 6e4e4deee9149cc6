package io.onlyonce.bench.stream;

import io.onlyonce.bench.BaselineJvm;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.ProjectHome;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * Another implementation of the stream, which runs in its own JVM.
 *
 * @param main its arguments are the bootstrap servers, the group, a directory for its data, and the setting
 * @param jvmOptions heap and collector
 * @param firstJars jars that precede those of this module on the class path
 * @param group consumer group; must differ from the groups of all earlier rounds
 * @param setting an argument whose meaning depends on the main class
 */
record Baseline(Class<?> main, List<String> jvmOptions, List<Path> firstJars, String group, String setting) {
    private static final List<String> FLINK_JVM_OPTIONS = List.of(
            // Twice the size of its managed memory and network buffers, because the bench does not compare memory.
            "-Xmx2g",
            // The default collector, which is made for large heaps.
            "-XX:+UseG1GC",
            // Flink's serializers access internals of the JDK.
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED");

    static Baseline rawCopy(String group) {
        return new Baseline(RawCopy.class, BaselineJvm.SERVICE_OPTIONS, List.of(), group, "");
    }

    /** @param storedIds number of ids that the baseline must restore from its changelog */
    static Baseline windowStore(String group, int storedIds) {
        return new Baseline(
                WindowStoreDedup.class, BaselineJvm.SERVICE_OPTIONS, List.of(), group, Integer.toString(storedIds));
    }

    static Baseline flink(String group, int checkpointIntervalMs) {
        // Flink's RocksDB, and the client version that its connector requires: ours lacks a method that it calls.
        List<Path> firstJars = List.of(
                BaselineJvm.library("frocksdbjni"),
                BaselineJvm.jar(ProjectHome.locate().brokerLibraries(), "kafka-clients"));
        return new Baseline(
                FlinkDedup.class, FLINK_JVM_OPTIONS, firstJars, group, Integer.toString(checkpointIntervalMs));
    }

    /** Runs the baseline, resets the broker, and returns the orders per second. */
    double rate(Platform platform, StreamBroker broker) throws Exception {
        Path directory = platform.directory().resolve(group);
        try (BaselineJvm jvm = BaselineJvm.start(
                jvmOptions,
                firstJars,
                directory.resolve("baseline.log"),
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
            broker.reset(group);
        }
    }
}
