package io.onlyonce.postgres.sink;

import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;

/** Writes records to PostgreSQL exactly once. {@link PostgresSinkTask} does all work. */
public final class PostgresSinkConnector extends SinkConnector {
    private Map<String, String> properties;

    @Override
    public void start(Map<String, String> props) {
        new PostgresSinkConfig(props).tables();
        properties = Map.copyOf(props);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return PostgresSinkTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return Collections.nCopies(maxTasks, properties);
    }

    @Override
    public void stop() {
        // The connector itself holds no resources.
    }

    @Override
    public ConfigDef config() {
        return PostgresSinkConfig.DEFINITION;
    }

    @Override
    public String version() {
        return Optional.ofNullable(getClass().getPackage().getImplementationVersion())
                .orElse("unknown");
    }

    /**
     * Changes the stored offsets when an operator changes the offsets of the consumer group (KIP-875), because a task
     * continues at the stored offsets.
     */
    @Override
    public boolean alterOffsets(Map<String, String> connectorConfig, Map<TopicPartition, Long> offsets) {
        PostgresSinkConfig config = new PostgresSinkConfig(connectorConfig);
        try (Session session = Session.open(config)) {
            OffsetTable table = new OffsetTable(config);
            table.createIfMissing(session);
            table.alter(session, offsets);
            return true;
        } catch (SQLException e) {
            throw new ConnectException("Cannot change the offsets stored in " + config.offsetsTable(), e);
        }
    }
}
