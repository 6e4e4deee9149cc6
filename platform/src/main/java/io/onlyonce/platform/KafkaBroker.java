package io.onlyonce.platform;

import io.onlyonce.model.setup.TopicSetup;
import io.onlyonce.platform.process.ChildProcess;
import io.onlyonce.platform.process.ContainerProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * A Kafka broker in combined mode: it is also the controller.
 *
 * <p>Kafka acknowledges a record after it is in the page cache, and flushes it to disk later. SIGKILL of the process
 * therefore loses nothing, but a power failure can. In a cluster, replicas protect against a power failure; here there is
 * only one broker.
 */
public final class KafkaBroker extends Component {
    /** The same for all brokers, which never connect to one another. */
    private static final String CLUSTER_ID = "b25seW9uY2Utb25seW9uYw";

    private static final List<String> HEAP = List.of("-Xms256m", "-Xmx256m");

    private final int controllerPort;

    public KafkaBroker(RunContext context, int port, int controllerPort) {
        super("kafka", context, port, Map.of());
        this.controllerPort = controllerPort;
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    @Override
    void prepare() throws IOException {
        Path data = directory.resolve("data");
        String controller = "127.0.0.1:" + controllerPort;
        String listener = "PLAINTEXT://" + bootstrapServers();
        String listeners = listener + ",CONTROLLER://" + controller;
        String voters = "1@" + controller;
        Map<String, String> own = Map.of(
                "listeners", listeners,
                "advertised.listeners", listener,
                "controller.quorum.voters", voters,
                "log.dirs", data.toString());
        writeSettings(home.serverConfig().resolve("broker.properties"), own);
        if (!ContainerProgram.Image.isEnabled() && !Files.exists(data.resolve("meta.properties"))) {
            List<String> flags = List.of("-XX:TieredStopAtLevel=1", "-Xmx128m");
            List<String> format =
                    command(flags, "kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER_ID, "--config");
            if (ChildProcess.run(format, directory, log(), "") != 0) {
                throw new ComponentFailedException("The storage of kafka could not be formatted", log());
            }
        }
    }

    @Override
    List<String> command() throws IOException {
        return command(concat(HEAP, startupFlags(home.brokerLibraries())), "kafka.Kafka");
    }

    private List<String> command(List<String> flags, String... program) {
        List<String> classPath = home.kafkaClassPath(home.brokerLibraries());
        return concat(
                java(), flags, classPath, List.of(program), List.of(settings().toString()));
    }

    @Override
    ContainerProgram.Image image() {
        Path conf = home.serverConfig();
        String program = "/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id " + CLUSTER_ID
                + " --config \"$SETTINGS\" && exec /opt/kafka/bin/kafka-server-start.sh \"$SETTINGS\"";
        Map<String, String> environment = Map.of(
                "LOG_DIR",
                "/tmp",
                "EXTRA_ARGS",
                "-name kafkaServer",
                "KAFKA_OPTS",
                "-XX:+ExitOnOutOfMemoryError",
                "KAFKA_LOG4J_OPTS",
                "-Dlog4j2.configurationFile=%s/log4j2.properties".formatted(conf),
                "KAFKA_HEAP_OPTS",
                String.join(" ", HEAP),
                "SETTINGS",
                settings().toString());
        List<String> command = List.of("bash", "-c", program);
        return new ContainerProgram.Image(
                "onlyonce/kafka", List.of(directory, conf), environment, Optional.empty(), command);
    }

    @Override
    boolean isReady() throws Exception {
        if (!Ports.hasListener(port)) {
            return false;
        }
        try (Admin admin = admin(5_000)) {
            return !admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).isEmpty();
        }
    }

    /** Creates the topics of the contract that do not exist. */
    public void createTopics(int partitions) {
        try (Admin admin = admin(60_000)) {
            TopicSetup.create(admin, partitions, 1);
        } catch (ExecutionException e) {
            throw new IllegalStateException("The topics could not be created", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the topics were created", e);
        }
    }

    private Admin admin(int timeoutMillis) {
        return Admin.create(Map.<String, Object>of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, timeoutMillis,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMillis));
    }
}
