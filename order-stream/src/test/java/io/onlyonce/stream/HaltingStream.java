package io.onlyonce.stream;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.stream.metrics.OrderStats;
import io.onlyonce.stream.runtime.KafkaConfiguration;
import io.onlyonce.stream.runtime.StaticMemberClients;
import io.onlyonce.stream.runtime.StreamSettings;
import io.onlyonce.stream.topology.Mode;
import io.onlyonce.stream.topology.OrderTopology;
import io.onlyonce.stream.topology.SeenOrdersRocksDb;
import io.onlyonce.stream.topology.TopologySettings;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;

/**
 * A process with the shipped topology and configuration. It halts at an exact point of a commit, with the effect of kill -9.
 * Its write buffers are small, so that RocksDB also writes to disk between two commits.
 */
final class HaltingStream {
    /** The exit code of a halt. */
    static final int HALTED = 99;

    /** Commits without records are not counted. */
    private static final int COMMITS_BEFORE_THE_HALT = 5;

    enum Point {
        /** The output, the changelog and the offsets are in the transaction, which is never committed. */
        BEFORE_THE_KAFKA_COMMIT,
        /** The transaction is committed, but the store on disk does not contain its entries yet. */
        BETWEEN_THE_KAFKA_COMMIT_AND_THE_COMMIT_OF_THE_STORE
    }

    /** Creates the shipped clients. Their producers halt the process. */
    private record HaltingClients(StaticMemberClients shipped, Point point, AtomicInteger commits)
            implements KafkaClientSupplier {
        @Override
        @SuppressWarnings("unchecked")
        public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
            Producer<byte[], byte[]> producer = shipped.getProducer(config);
            AtomicInteger sent = new AtomicInteger();
            return (Producer<byte[], byte[]>) Proxy.newProxyInstance(
                    Producer.class.getClassLoader(), new Class<?>[] {Producer.class}, (_, method, arguments) -> {
                        boolean commit = method.getName().equals("commitTransaction");
                        if (method.getName().equals("send")) {
                            sent.incrementAndGet();
                        }
                        boolean halt =
                                commit && sent.getAndSet(0) > 0 && commits.incrementAndGet() == COMMITS_BEFORE_THE_HALT;
                        if (halt && point == Point.BEFORE_THE_KAFKA_COMMIT) {
                            // The records are in the topics, as if the process was killed while the commit request was
                            // sent.
                            producer.flush();
                            Runtime.getRuntime().halt(HALTED);
                        }
                        try {
                            return method.invoke(producer, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        } finally {
                            if (halt) {
                                Runtime.getRuntime().halt(HALTED);
                            }
                        }
                    });
        }

        @Override
        public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
            return shipped.getConsumer(config);
        }

        @Override
        public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
            return shipped.getRestoreConsumer(config);
        }

        @Override
        public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
            return shipped.getGlobalConsumer(config);
        }

        @Override
        public Admin getAdmin(Map<String, Object> config) {
            return shipped.getAdmin(config);
        }
    }

    /** Kafka Streams instantiates this class. */
    public static final class SmallWriteBuffers implements RocksDBConfigSetter {
        private final RocksDBConfigSetter shipped = new SeenOrdersRocksDb();

        @Override
        public void setConfig(String storeName, Options options, Map<String, Object> configs) {
            shipped.setConfig(storeName, options, configs);
            options.setWriteBufferSize(16 * 1024);
        }

        @Override
        public void close(String storeName, Options options) {
            shipped.close(storeName, options);
        }
    }

    private HaltingStream() {}

    /** Starts the process. It halts after it has committed records several times. */
    static Process start(
            TestStack stack, String instanceId, Path stateDir, boolean transactionalStore, Point point, File log)
            throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HaltingStream.class.getName(),
                        stack.platform().bootstrapServers(),
                        instanceId,
                        stateDir.toString(),
                        Boolean.toString(transactionalStore),
                        point.name()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    public static void main(String[] arguments) {
        StreamSettings settings = new StreamSettings(
                arguments[0],
                arguments[1],
                Path.of(arguments[2]),
                URI.create("http://127.0.0.1:1"),
                2,
                0,
                Boolean.parseBoolean(arguments[3]),
                Duration.ofDays(7),
                Duration.ofSeconds(30),
                ProcessingMode.EXACTLY_ONCE.wireName());
        Properties config = KafkaConfiguration.streams(settings, ProcessingMode.EXACTLY_ONCE);
        config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SmallWriteBuffers.class);
        KafkaStreams streams = new KafkaStreams(
                OrderTopology.build(
                        new TopologyConfig(new StreamsConfig(config)),
                        new TopologySettings(Mode.EXACTLY_ONCE, settings.retention(), settings.instanceId()),
                        new OrderStats()),
                config,
                new HaltingClients(
                        new StaticMemberClients(settings.instanceId()),
                        Point.valueOf(arguments[4]),
                        new AtomicInteger()));
        streams.setUncaughtExceptionHandler(failure -> {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.start();
    }
}
