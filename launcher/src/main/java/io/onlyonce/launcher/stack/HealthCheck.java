package io.onlyonce.launcher.stack;

import io.onlyonce.verifier.ComponentName;
import io.onlyonce.verifier.SystemUnderTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests from each component an operation that it cannot perform while it, or a server that it needs, is frozen or dead. A
 * component that does not respond within the deadline is not healthy.
 */
final class HealthCheck implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(4);
    private static final String OK = "ok";
    private static final String SILENT = "no response within " + DEADLINE.toSeconds() + " s";

    private static final JsonMapper MAPPER = new JsonMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final SystemUnderTest system;
    private final URI connect;

    HealthCheck(SystemUnderTest system, URI connect) {
        this.system = system;
        this.connect = connect;
    }

    /** @return ok, or the reason */
    String of(ComponentName name) throws InterruptedException {
        return switch (name) {
            case KAFKA -> kafka();
            case POSTGRES -> postgres();
            case CONNECT -> connect();
            case PRODUCER -> service(system.producer());
            case CONSUMER -> service(system.consumer());
            case API -> service(system.api());
        };
    }

    private String kafka() throws InterruptedException {
        int millis = Math.toIntExact(DEADLINE.toMillis());
        Map<String, Object> config = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, system.bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
        Admin admin = Admin.create(config);
        try {
            admin.describeCluster().nodes().get(millis, TimeUnit.MILLISECONDS);
            return OK;
        } catch (ExecutionException e) {
            return e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException
                    ? SILENT
                    : e.getCause().getMessage();
        } catch (TimeoutException e) {
            return SILENT;
        } finally {
            admin.close(Duration.ZERO);
        }
    }

    private String postgres() {
        String seconds = Long.toString(DEADLINE.toSeconds());
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "user",
                system.user(),
                "password",
                system.password(),
                "loginTimeout",
                seconds,
                "socketTimeout",
                seconds));
        try (Connection connection = DriverManager.getConnection(system.jdbcUrl(), properties);
                var statement = connection.createStatement()) {
            statement.execute("SELECT 1");
            return OK;
        } catch (SQLException e) {
            return e.getMessage();
        }
    }

    /** The worker's health endpoint (KIP-1017) responds only if the worker can use the broker. */
    private String connect() throws InterruptedException {
        try {
            HttpResponse<String> health = get(connect.resolve("/health"));
            if (health.statusCode() != 200) {
                return reason(health.body(), "message");
            }
            List<String> failed =
                    notRunning(get(connect.resolve("/connectors?expand=status")).body());
            return failed.isEmpty() ? OK : "not running: " + String.join(", ", failed);
        } catch (IOException e) {
            return reason(e);
        }
    }

    /** The connectors that are not RUNNING or have a task that is not RUNNING, with the state. */
    private static List<String> notRunning(String connectors) {
        List<String> problems = new ArrayList<>();
        MAPPER.readTree(connectors).forEachEntry((name, connector) -> {
            JsonNode status = connector.path("status");
            Stream.concat(
                            Stream.of(status.path("connector")),
                            status.path("tasks").valueStream())
                    .map(part -> part.path("state").asString())
                    .filter(state -> !state.equals("RUNNING"))
                    .forEach(state -> problems.add(name + " " + state));
        });
        return problems;
    }

    private String service(URI service) throws InterruptedException {
        try {
            HttpResponse<String> health = get(service.resolve("/health"));
            return health.statusCode() == 200 ? OK : reason(health.body(), "detail");
        } catch (IOException e) {
            return reason(e);
        }
    }

    private HttpResponse<String> get(URI url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(url).timeout(DEADLINE).build(), BodyHandlers.ofString());
    }

    /** The field of a JSON object that contains the reason, or everything that another server on this port has returned. */
    private static String reason(String body, String field) {
        try {
            return MAPPER.readTree(body).path(field).asString(body);
        } catch (JacksonException e) {
            return body;
        }
    }

    private static String reason(IOException failure) {
        return failure instanceof HttpTimeoutException ? SILENT : "no response: " + failure.getMessage();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
