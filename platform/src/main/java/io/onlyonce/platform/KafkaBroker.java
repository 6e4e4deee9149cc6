package io.onlyonce.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * A Kafka broker that is its own controller.
 *
 * <p>Kafka answers when the operating system has a record, and syncs to disk in its own time: SIGKILL of the process loses
 * nothing, loss of power could. A cluster has replicas against that; one broker on one machine cannot.
 */
public final class KafkaBroker extends ProcessComponent {
    /** One for all: no broker here ever meets another. */
    private static final String CLUSTER = "b25seW9uY2Utb25seW9uYw";

    private final ProjectHome home;
    private final int port;
    private final int controllerPort;

    public KafkaBroker(RunContext site, int port, int controllerPort) {
        super("kafka", site);
        this.home = site.home();
        this.port = port;
        this.controllerPort = controllerPort;
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    @Override
    void prepare() throws IOException {
        Path data = directory().resolve("data");
        String listener = "PLAINTEXT://" + bootstrapServers();
        Map<String, String> place = Map.of(
                "listeners",
                listener + ",CONTROLLER://127.0.0.1:" + controllerPort,
                "advertised.listeners",
                listener,
                "controller.quorum.voters",
                "1@127.0.0.1:" + controllerPort,
                "log.dirs",
                data.toString());
        SettingsFile.write(settings(), home.brokerSettings(), place);
        if (!ImageProgram.areChosen() && !Files.exists(data.resolve("meta.properties"))) {
            format();
        }
    }

    private void format() {
        List<String> command = command(
                List.of("-XX:TieredStopAtLevel=1", "-Xmx128m"),
                List.of("kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER, "--config"));
        if (ChildProcess.run(command, directory(), log(), "") != 0) {
            throw new ComponentFailedException("kafka's storage could not be formatted", log());
        }
    }

    @Override
    List<String> command() {
        List<String> flags = new ArrayList<>(List.of("-Xms256m", "-Xmx256m"));
        flags.addAll(startupFlags(home.brokerLibraries()));
        return command(flags, List.of("kafka.Kafka"));
    }

    private List<String> command(List<String> flags, List<String> program) {
        return Stream.of(
                        Java.command(),
                        flags,
                        home.brokerClassPath(),
                        program,
                        List.of(settings().toString()))
                .flatMap(List::stream)
                .toList();
    }

    @Override
    ImageProgram image() {
        Path folder = home.brokerSettings().getParent();
        String program = "/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id " + CLUSTER
                + " --config \"$SETTINGS\" && exec /opt/kafka/bin/kafka-server-start.sh \"$SETTINGS\"";
        return new ImageProgram(
                "apache/kafka",
                List.of(directory()),
                List.of(folder),
                true,
                Map.of(
                        "SETTINGS",
                        settings().toString(),
                        "KAFKA_HEAP_OPTS",
                        "-Xms256m -Xmx256m",
                        "LOG_DIR",
                        "/tmp",
                        "EXTRA_ARGS",
                        "-name kafkaServer",
                        "KAFKA_LOG4J_OPTS",
                        "-Dlog4j2.configurationFile=" + folder + "/log4j2.properties"),
                Optional.empty(),
                List.of("bash", "-c", program));
    }

    private Path settings() {
        return directory().resolve("kafka.properties");
    }

    @Override
    boolean isReady() throws Exception {
        if (!Ports.answers(port)) {
            return false;
        }
        Map<String, Object> client = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
        try (Admin admin = Admin.create(client)) {
            return !admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).isEmpty();
        }
    }
}
