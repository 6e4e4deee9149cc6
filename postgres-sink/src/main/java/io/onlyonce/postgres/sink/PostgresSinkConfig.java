package io.onlyonce.postgres.sink;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/** The configuration of a connector. The README of this module lists every setting with an example. */
final class PostgresSinkConfig extends AbstractConfig {
    static final String URL = "connection.url";
    static final String USER = "connection.user";
    static final String PASSWORD = "connection.password";
    static final String CONNECT_TIMEOUT = "connection.timeout.ms";
    static final String SOCKET_TIMEOUT = "socket.timeout.ms";
    static final String LOCK_TIMEOUT = "lock.timeout.ms";
    static final String CHECK_INTERVAL = "offsets.check.interval.ms";
    static final String OFFSETS_TABLE = "offsets.table";
    static final String INITIAL_OFFSET = "offsets.initial";
    static final String TABLES = "tables";
    static final String KAFKA_PREFIX = "kafka.";
    static final String BOOTSTRAP_SERVERS = KAFKA_PREFIX + "bootstrap.servers";
    /**
     * Suffix of a source whose field is optional. If the value does not contain the field, the column gets its default.
     */
    static final String OPTIONAL = "?";

    static final ConfigDef DEFINITION = new ConfigDef()
            .define(URL, Type.STRING, Importance.HIGH, "JDBC URL of the database: jdbc:postgresql://HOST:PORT/DATABASE")
            .define(USER, Type.STRING, Importance.HIGH, "Role that owns the rows and the offset table")
            .define(PASSWORD, Type.PASSWORD, "", Importance.HIGH, "Password of the role")
            .define(
                    CONNECT_TIMEOUT,
                    Type.INT,
                    5_000,
                    ConfigDef.Range.atLeast(1_000),
                    Importance.LOW,
                    "Longest time to open a connection, in milliseconds")
            .define(
                    SOCKET_TIMEOUT,
                    Type.INT,
                    20_000,
                    ConfigDef.Range.atLeast(1_000),
                    Importance.LOW,
                    "Longest time to wait for a response of the database, in milliseconds; many times the time of a batch")
            .define(
                    LOCK_TIMEOUT,
                    Type.INT,
                    5_000,
                    ConfigDef.Range.atLeast(100),
                    Importance.LOW,
                    "Longest time to wait for the transaction of a replaced task, in milliseconds. Afterwards the"
                            + " session of the replaced task is terminated.")
            .define(
                    OFFSETS_TABLE,
                    Type.STRING,
                    "sink_offsets",
                    Importance.MEDIUM,
                    "Table of the stored offsets; created if it does not exist")
            .define(
                    CHECK_INTERVAL,
                    Type.INT,
                    10_000,
                    ConfigDef.Range.atLeast(100),
                    Importance.LOW,
                    "Interval in milliseconds at which the task compares the stored offsets with those that it knows, and"
                            + " advances the offsets of idle partitions past transaction markers")
            .define(
                    INITIAL_OFFSET,
                    Type.STRING,
                    "earliest",
                    ConfigDef.ValidString.in("earliest", "group"),
                    Importance.MEDIUM,
                    "Where a partition begins for which no offset is stored: at the beginning of the topic, or at the"
                            + " offset of the consumer group")
            .define(
                    BOOTSTRAP_SERVERS,
                    Type.STRING,
                    Importance.HIGH,
                    "Brokers of the topics. The task compares the stored offsets with the topics before it continues."
                            + " Every other setting with the prefix kafka. configures the same client.")
            .define(
                    TABLES,
                    Type.LIST,
                    Importance.HIGH,
                    "Target tables. For each table NAME: table.NAME.topics, table.NAME.mode (append or upsert),"
                            + " table.NAME.key (upsert: columns of a unique index), table.NAME.columns (COLUMN=FIELD,"
                            + " COLUMN=FIELD? if a value may lack the field, or COLUMN=$topic, $partition, $offset,"
                            + " $timestamp, $key). A column that is not listed gets the field with its name.");

    /** How rows are written to a table. */
    enum Mode {
        /** Every record is a new row. */
        APPEND,
        /** A record replaces the row with the same key. */
        UPSERT
    }

    /**
     * One target table.
     *
     * @param name name as in {@code tables}, optionally with a schema
     * @param key columns of a unique index; empty in append mode
     * @param sources source of each column: a field of the value, with the suffix ? if the field is optional, or
     *     metadata of the record, for example $offset
     */
    record Table(String name, List<String> topics, Mode mode, List<String> key, Map<String, String> sources) {}

    private final Map<String, String> originals;

    PostgresSinkConfig(Map<String, String> originals) {
        super(DEFINITION, originals, false);
        this.originals = originals;
    }

    String connector() {
        return originals.getOrDefault("name", "postgres-sink");
    }

    String url() {
        return getString(URL);
    }

    Properties connectionProperties() {
        Properties properties = new Properties();
        properties.setProperty("user", getString(USER));
        properties.setProperty("password", getPassword(PASSWORD).value());
        properties.setProperty("ApplicationName", applicationName());
        properties.setProperty("connectTimeout", Integer.toString(getInt(CONNECT_TIMEOUT) / 1_000));
        properties.setProperty("socketTimeout", Integer.toString(getInt(SOCKET_TIMEOUT) / 1_000));
        properties.setProperty("tcpKeepAlive", "true");
        return properties;
    }

    /**
     * Returns the application name of this connector's sessions. It has at most 63 characters, because PostgreSQL
     * truncates longer names.
     */
    String applicationName() {
        String name = "sink " + connector();
        return name.length() <= 63 ? name : name.substring(0, 63);
    }

    int lockTimeoutMs() {
        return getInt(LOCK_TIMEOUT);
    }

    Duration checkInterval() {
        return Duration.ofMillis(getInt(CHECK_INTERVAL));
    }

    String offsetsTable() {
        return getString(OFFSETS_TABLE);
    }

    boolean startsAtBeginning() {
        return getString(INITIAL_OFFSET).equals("earliest");
    }

    Map<String, Object> kafkaClient() {
        return originalsWithPrefix(KAFKA_PREFIX);
    }

    /**
     * Returns the target tables.
     *
     * @throws ConfigException if a setting is invalid; the message contains the name of the setting
     */
    List<Table> tables() {
        List<Table> tables = new ArrayList<>();
        for (String name : getList(TABLES)) {
            String prefix = "table." + name + ".";
            List<String> topics = list(prefix + "topics");
            if (topics.isEmpty()) {
                throw new ConfigException(prefix + "topics", null, "names no topic");
            }
            Mode mode = mode(prefix + "mode");
            List<String> key = list(prefix + "key");
            if ((mode == Mode.UPSERT) == key.isEmpty()) {
                throw new ConfigException(
                        prefix + "key", key, "is required in upsert mode, and not allowed in append mode");
            }
            tables.add(new Table(name, topics, mode, key, sources(prefix + "columns")));
        }
        if (tables.isEmpty()) {
            throw new ConfigException(TABLES, "", "names no table");
        }
        for (String topic : list("topics")) {
            if (tables.stream().noneMatch(table -> table.topics().contains(topic))) {
                throw new ConfigException("topics", topic, "is not in the topics of any table");
            }
        }
        return tables;
    }

    private Mode mode(String setting) {
        String value = originals.getOrDefault(setting, "append");
        return switch (value) {
            case "append" -> Mode.APPEND;
            case "upsert" -> Mode.UPSERT;
            default -> throw new ConfigException(setting, value, "must be append or upsert");
        };
    }

    private List<String> list(String setting) {
        List<String> entries = new ArrayList<>();
        for (String entry : originals.getOrDefault(setting, "").split(",")) {
            if (!entry.isBlank()) {
                entries.add(entry.trim());
            }
        }
        return entries;
    }

    private Map<String, String> sources(String setting) {
        Map<String, String> sources = new LinkedHashMap<>();
        for (String entry : list(setting)) {
            int equals = entry.indexOf('=');
            if (equals < 1 || equals == entry.length() - 1) {
                throw new ConfigException(setting, entry, "must be COLUMN=FIELD");
            }
            sources.put(
                    entry.substring(0, equals).trim(),
                    entry.substring(equals + 1).trim());
        }
        return sources;
    }
}
