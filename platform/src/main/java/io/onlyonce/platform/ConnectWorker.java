package io.onlyonce.platform;

import static java.util.stream.Collectors.joining;

import io.onlyonce.platform.process.ImageProgram;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A Kafka Connect worker in distributed mode. Its state is in Kafka; its directory contains only settings and the log. */
public final class ConnectWorker extends Component {
    private static final List<String> HEAP = List.of("-Xms128m", "-Xmx384m");
    private static final String MAIN_CLASS = "org.apache.kafka.connect.cli.ConnectDistributed";

    private final ProjectHome home;
    private final int port;
    private final String bootstrapServers;
    private final Plugins plugins;
    private final Map<String, String> environment;

    /**
     * The configuration of a worker.
     *
     * @param settings properties file without bootstrap servers, ports and plugin path
     * @param folders directories that contain plugins as jars or as directories of jars
     */
    public record Plugins(Path settings, List<Path> folders) {
        /** The configuration that the product uses. */
        public static Plugins shipped(ProjectHome home) {
            return new Plugins(
                    home.root().resolve("sink-connector-config/worker.properties"),
                    List.of(home.jdbcSinkPlugin(), home.built("sink-connector-config/target/connect-plugins")));
        }
    }

    /** @param environment variables for the placeholders <code>${env:NAME}</code> of the connectors */
    public ConnectWorker(
            RunContext context, int port, String bootstrapServers, Plugins plugins, Map<String, String> environment) {
        super("connect", context);
        this.home = context.home();
        this.port = port;
        this.bootstrapServers = bootstrapServers;
        this.plugins = plugins;
        this.environment = Map.copyOf(environment);
    }

    @Override
    Map<String, String> environment() {
        return environment;
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
                "plugin.path", plugins.folders().stream().map(Path::toString).collect(joining(",")));
        writeSettings(settings(), plugins.settings(), own);
    }

    @Override
    List<String> command() {
        Path libraries = home.built("platform/server/target/connect");
        List<String> program = List.of(MAIN_CLASS, settings().toString());
        return concat(java(), HEAP, startupFlags(libraries), home.kafkaClassPath(libraries), program);
    }

    /** Uses the image's JVM and libraries, with the settings and plugins of the test. */
    @Override
    ImageProgram image() {
        List<String> classPath = List.of("-Dlog4j2.configurationFile=conf/log4j2.properties", "-cp", "conf:connect/*");
        return new ImageProgram(
                "onlyonce/connect",
                concat(List.of(directory()), plugins.folders()),
                environment,
                Optional.of("java"),
                concat(
                        HEAP,
                        List.of("-XX:+UseSerialGC"),
                        classPath,
                        List.of(MAIN_CLASS, settings().toString())));
    }

    private Path settings() {
        return directory().resolve("connect.properties");
    }

    /** Uses the worker's health endpoint (KIP-1017): the worker has joined its group and read its topics. */
    @Override
    boolean isReady() throws IOException {
        return isHealthy(url());
    }
}
