package io.onlyonce.platform;

import io.onlyonce.platform.process.ContainerProgram;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A Kafka Connect worker in distributed mode. Its state is in Kafka; its directory contains only settings and the log. */
public final class ConnectWorker extends Component {
    private static final List<String> HEAP = List.of("-Xms128m", "-Xmx384m");
    private static final String MAIN_CLASS = "org.apache.kafka.connect.cli.ConnectDistributed";

    private final String bootstrapServers;
    private final Plugins plugins;

    /**
     * @param settings properties file without bootstrap servers, ports and plugin path
     * @param folders directories that contain plugins as jars or as directories of jars
     */
    public record Plugins(Path settings, List<Path> folders) {
        /** The configuration that the product uses. */
        public static Plugins shipped(ProjectHome home) {
            return new Plugins(
                    home.root().resolve("sink-connector-config/worker.properties"),
                    List.of(
                            home.built("postgres-sink/target/plugins"),
                            home.jdbcSinkPlugin(),
                            home.built("sink-connector-config/target/connect-plugins")));
        }
    }

    /**
     * @param environment variables for the placeholders <code>${env:NAME}</code> of the connectors, in addition to
     *     KAFKA_BOOTSTRAP_SERVERS
     */
    public ConnectWorker(
            RunContext context, int port, String bootstrapServers, Plugins plugins, Map<String, String> environment) {
        super("connect", context, port, withBroker(environment, bootstrapServers));
        this.bootstrapServers = bootstrapServers;
        this.plugins = plugins;
    }

    private static Map<String, String> withBroker(Map<String, String> environment, String bootstrapServers) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("KAFKA_BOOTSTRAP_SERVERS", bootstrapServers);
        return all;
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    void prepare() throws IOException {
        Map<String, String> own = Map.of(
                "bootstrap.servers", bootstrapServers,
                "listeners", url().toString(),
                "rest.advertised.host.name", "127.0.0.1",
                "rest.advertised.port", Integer.toString(port),
                "plugin.path", plugins.folders().stream().map(Path::toString).collect(Collectors.joining(",")));
        writeSettings(plugins.settings(), own);
    }

    @Override
    List<String> command() throws IOException {
        Path libraries = home.built("platform/server/target/connect");
        List<String> program = List.of(MAIN_CLASS, settings().toString());
        return concat(java(), HEAP, startupFlags(libraries), home.kafkaClassPath(libraries), program);
    }

    /** Uses the image's JVM and libraries, with the settings and plugins of the test. */
    @Override
    ContainerProgram.Image image() {
        List<String> flags = List.of(
                "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Dlog4j2.configurationFile=conf/log4j2.properties");
        List<String> program =
                List.of("-cp", "conf:connect/*", MAIN_CLASS, settings().toString());
        List<Path> folders = concat(List.of(directory), plugins.folders());
        return new ContainerProgram.Image(
                "onlyonce/connect", folders, environment, Optional.of("java"), concat(HEAP, flags, program));
    }

    /** Uses the worker's health endpoint (KIP-1017): the worker has joined its group and read its topics. */
    @Override
    boolean isReady() throws IOException {
        return isHealthy(url());
    }
}
