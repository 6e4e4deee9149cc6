package io.onlyonce.platform;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A Kafka Connect worker in distributed mode: what it knows is in Kafka, its directory holds the log only. */
public final class ConnectWorker extends ProcessComponent {
    private final ProjectHome home;
    private final int port;
    private final String bootstrapServers;
    private final Plugins plugins;
    private final Map<String, String> environment;

    /**
     * What a worker is told beside its place.
     *
     * @param settings the properties file that holds everywhere
     * @param folders each with plugins in it, as jars or as folders of jars
     */
    public record Plugins(Path settings, List<Path> folders) {
        /** The worker of the product. */
        public static Plugins shipped(ProjectHome home) {
            return new Plugins(home.connectSettings(), home.connectPlugins());
        }
    }

    /** @param environment variables for the placeholders <code>${env:NAME}</code> of the connectors */
    public ConnectWorker(
            RunContext site, int port, String bootstrapServers, Plugins plugins, Map<String, String> environment) {
        super("connect", site);
        this.home = site.home();
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
        Map<String, String> place = Map.of(
                "bootstrap.servers", bootstrapServers,
                "listeners", url().toString(),
                "rest.advertised.host.name", "127.0.0.1",
                "rest.advertised.port", Integer.toString(port),
                "plugin.path", plugins.folders().stream().map(Path::toString).collect(joining(",")));
        SettingsFile.write(settings(), plugins.settings(), place);
    }

    @Override
    List<String> command() {
        return Stream.of(
                        Java.command(),
                        List.of("-Xms128m", "-Xmx384m"),
                        startupFlags(home.connectLibraries()),
                        home.connectClassPath(),
                        List.of(
                                "org.apache.kafka.connect.cli.ConnectDistributed",
                                settings().toString()))
                .flatMap(List::stream)
                .toList();
    }

    /** The image's Java and libraries; settings and plugins are those of the test. */
    @Override
    ImageProgram image() {
        return new ImageProgram(
                "onlyonce/connect",
                List.of(directory()),
                plugins.folders(),
                true,
                environment,
                Optional.of("java"),
                List.of(
                        "-Xms128m",
                        "-Xmx384m",
                        "-XX:+UseSerialGC",
                        "-Dlog4j2.configurationFile=conf/log4j2.properties",
                        "-cp",
                        "conf:connect/*",
                        "org.apache.kafka.connect.cli.ConnectDistributed",
                        settings().toString()));
    }

    private Path settings() {
        return directory().resolve("connect.properties");
    }

    /** The worker's own answer (KIP-1017): it has joined its group and read its topics. */
    @Override
    boolean isReady() throws Exception {
        return Http.isOk(url().resolve("/health"));
    }
}
