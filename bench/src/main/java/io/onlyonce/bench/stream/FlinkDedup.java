package io.onlyonce.bench.stream;

import io.onlyonce.bench.BaselineJvm;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrderWriter;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The deduplication as a Flink job: an exactly-once Kafka sink, RocksDB state with a time to live, two task slots, and the
 * client settings of the shipped stream. Its output becomes visible with its checkpoints.
 */
public final class FlinkDedup {
    private static final Duration RETENTION = Duration.ofDays(7);
    private static final int PARALLELISM = 2;

    private FlinkDedup() {}

    /** A record of the job. Public, mutable fields are the fastest form for Flink's serializers. */
    public static final class Message {
        public String key;
        public byte[] value;
        public int partition;
        public long offset;
    }

    /** @param args bootstrap servers, group, state directory, checkpoint interval in milliseconds */
    public static void main(String[] args) throws Exception {
        BaselineJvm.exitWithParent();
        String group = args[1];
        Configuration config = new Configuration();
        config.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
        config.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, "file://" + args[2] + "/checkpoints");
        config.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(PARALLELISM, config);
        environment.enableCheckpointing(Long.parseLong(args[3]), CheckpointingMode.EXACTLY_ONCE);
        environment.getConfig().enableObjectReuse();

        KafkaSource<Message> source = KafkaSource.<Message>builder()
                .setBootstrapServers(args[0])
                .setTopics(Topics.ORDERS)
                .setGroupId(group)
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setProperties(properties(StreamClients.CONSUMER))
                .setDeserializer(new ReadMessage())
                .build();
        Properties producer = properties(StreamClients.PRODUCER);
        // A transaction is open from one checkpoint to the end of the next one.
        producer.put("transaction.timeout.ms", "60000");
        KafkaSink<Message> sink = KafkaSink.<Message>builder()
                .setBootstrapServers(args[0])
                .setKafkaProducerConfig(producer)
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix(group)
                .setRecordSerializer((message, context, timestamp) -> new ProducerRecord<>(
                        Topics.PROCESSED, message.key.getBytes(StandardCharsets.UTF_8), message.value))
                .build();
        environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "orders")
                .keyBy(message -> message.key, Types.STRING)
                .process(new Dedup())
                .sinkTo(sink);
        environment.execute(group);
    }

    /** Converts the values to strings, because Flink ignores other types without an error. */
    private static Properties properties(Map<String, Object> settings) {
        Properties properties = new Properties();
        settings.forEach((key, value) -> properties.setProperty(key, value.toString()));
        return properties;
    }

    private static final class ReadMessage implements KafkaRecordDeserializationSchema<Message> {
        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Message> out) {
            Message message = new Message();
            message.key = new String(record.key(), StandardCharsets.UTF_8);
            message.value = record.value();
            message.partition = record.partition();
            message.offset = record.offset();
            out.collect(message);
        }

        @Override
        public TypeInformation<Message> getProducedType() {
            return Types.POJO(Message.class);
        }
    }

    private static final class Dedup extends KeyedProcessFunction<String, Message, Message> {
        private transient ValueState<Long> seen;
        private transient ProcessedOrderWriter writer;

        @Override
        public void open(OpenContext context) {
            ValueStateDescriptor<Long> descriptor = new ValueStateDescriptor<>("seen", Types.LONG);
            descriptor.enableTimeToLive(StateTtlConfig.newBuilder(RETENTION).build());
            seen = getRuntimeContext().getState(descriptor);
            writer = new ProcessedOrderWriter("flink", ProcessingMode.EXACTLY_ONCE);
        }

        @Override
        public void processElement(Message message, Context context, Collector<Message> out) throws Exception {
            if (seen.value() != null) {
                return;
            }
            seen.update(message.offset);
            message.value = writer.write(
                    OrderJson.decode(message.value), System.currentTimeMillis(), message.partition, message.offset);
            out.collect(message);
        }
    }
}
