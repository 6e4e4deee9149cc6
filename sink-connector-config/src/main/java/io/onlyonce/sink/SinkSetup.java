package io.onlyonce.sink;

import io.onlyonce.model.kafka.Sink;
import io.onlyonce.model.time.Deadline;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * Creates the tables and the connectors of a sink. Each method can be called again: it deletes the connectors of the other
 * sink, updates changed connectors, resumes stopped ones and does not touch the others.
 *
 * <p>This is the program of the compose service {@code connect-setup}. The launcher calls it in its own process.
 */
public final class SinkSetup {
    private static final Duration TIMEOUT = Duration.ofSeconds(120);
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(100);

    /** SQLSTATE class "invalid authorization specification". */
    private static final String WRONG_USER_OR_PASSWORD = "28";

    private final Sink sink;
    private final Database database;
    private final URI connectUrl;
    private final Consumer<String> progress;
    private final Duration timeout;

    /** @param progress receives a line for each completed step and for each server that is not ready */
    public SinkSetup(Sink sink, Database database, URI connectUrl, Consumer<String> progress) {
        this(sink, database, connectUrl, progress, TIMEOUT);
    }

    SinkSetup(Sink sink, Database database, URI connectUrl, Consumer<String> progress, Duration timeout) {
        this.sink = sink;
        this.database = database;
        this.connectUrl = connectUrl;
        this.progress = progress;
        this.timeout = timeout;
    }

    /**
     * Waits for PostgreSQL and Connect, creates the tables and the connectors, and returns when all tasks are RUNNING.
     *
     * @throws SinkSetupException with the reason
     */
    public void run() throws InterruptedException {
        migrate();
        connect();
    }

    public void migrate() throws InterruptedException {
        retry(
                "PostgreSQL at " + database,
                () -> DriverManager.getConnection(database.url(), database.user(), database.password())
                        .close());
        try {
            int migrations = Flyway.configure()
                    .dataSource(database.url(), database.user(), database.password())
                    // Flyway's checksums cover comments. They were reworded, but the statements are the same.
                    .validateOnMigrate(false)
                    .load()
                    .migrate()
                    .migrationsExecuted;
            progress.accept(migrations == 0 ? "Tables are up to date" : "Tables are ready");
        } catch (FlywayException e) {
            throw new SinkSetupException("Cannot create the tables: " + e.getMessage(), e);
        }
    }

    public void connect() throws InterruptedException {
        try (ConnectApi connect = new ConnectApi(connectUrl)) {
            retry("Connect at " + connectUrl, connect::connectors);
            progress.accept("Connect is ready");
            String connectors = String.join(", ", sink.connectors());
            retry("Connectors " + connectors, () -> configure(connect));
            Set<String> pending = new HashSet<>(sink.connectors());
            retry("Connectors " + connectors, () -> checkRunning(connect, pending));
            progress.accept("Connectors are running: " + connectors);
        }
    }

    /** Sends the configurations in parallel, so that the worker needs only one rebalance. */
    private void configure(ConnectApi connect) throws IOException, InterruptedException {
        Map<String, ConnectApi.Connector> present = connect.connectors();
        List<Callable<String>> requests = new ArrayList<>();
        for (String name : Sink.allConnectors()) {
            if (present.containsKey(name) && !sink.connectors().contains(name)) {
                remove(connect, name, present.get(name));
            }
        }
        for (String name : sink.connectors()) {
            Map<String, String> config = Connectors.config(name);
            // Connect restarts a connector even if its configuration does not change.
            if (!present.containsKey(name)
                    || !config.equals(present.get(name).info().config())) {
                requests.add(() -> connect.configure(name, config));
            }
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> request : threads.invokeAll(requests)) {
                request.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /**
     * Removes a connector of another sink, because two sinks would write each row twice. Its offsets are removed too:
     * otherwise, the lag of its group would grow forever.
     */
    private void remove(ConnectApi connect, String name, ConnectApi.Connector connector)
            throws IOException, InterruptedException {
        if (connector.status() == null || !connector.status().isStopped()) {
            connect.stop(name);
            throw new IOException(name + " has not stopped yet");
        }
        connect.deleteOffsets(name);
        connect.delete(name);
        progress.accept(name + " is removed, because the sink is " + sink.wireName());
    }

    /** FailedTaskRestarter restarts failed connectors and tasks. */
    private void checkRunning(ConnectApi connect, Set<String> pending) throws IOException, InterruptedException {
        Map<String, ConnectApi.Connector> connectors = connect.connectors();
        List<String> problems = new ArrayList<>();
        for (String name : List.copyOf(pending)) {
            ConnectApi.Connector connector = connectors.get(name);
            ConnectApi.Status status = connector == null ? null : connector.status();
            if (status != null && status.isRunning()) {
                pending.remove(name);
                progress.accept(name + " is running");
                continue;
            }
            problems.add(name + " is not running: " + status);
            // An interrupted reset leaves connectors in this state.
            if (status != null && List.of("STOPPED", "PAUSED").contains(status.state())) {
                connect.resume(name);
            }
        }
        if (!problems.isEmpty()) {
            throw new IOException(String.join("; ", problems));
        }
    }

    private interface Attempt {
        void run() throws IOException, SQLException, InterruptedException;
    }

    private void retry(String target, Attempt attempt) throws InterruptedException {
        Deadline deadline = Deadline.in(timeout);
        for (boolean first = true; ; first = false) {
            try {
                attempt.run();
                return;
            } catch (IOException | SQLException e) {
                if (first && !isPermanent(e)) {
                    progress.accept("Waiting for " + target);
                }
                if (isPermanent(e) || !deadline.sleep(RETRY_INTERVAL)) {
                    // The JDK's HTTP client throws an exception without a message if no process listens on the port.
                    boolean silent = e instanceof ConnectException && e.getMessage() == null;
                    throw new SinkSetupException(target + ": " + (silent ? "no connection" : e.getMessage()), e);
                }
            }
        }
    }

    private static boolean isPermanent(Exception e) {
        return switch (e) {
            case ConnectApi.ErrorResponseException response -> response.permanent;
            case SQLException sql ->
                sql.getSQLState() != null && sql.getSQLState().startsWith(WRONG_USER_OR_PASSWORD);
            default -> false;
        };
    }

    /**
     * Reads the environment variables CONNECT_URL (default http://localhost:8083), SINK ({@link Sink#of(Map)}) and those of
     * {@link Database}. If the setup fails, prints the reason and exits with 1.
     */
    public static void main(String[] args) throws InterruptedException {
        Map<String, String> environment = System.getenv();
        URI connectUrl = URI.create(environment.getOrDefault("CONNECT_URL", "http://localhost:8083"));
        try {
            new SinkSetup(Sink.of(environment), Database.of(environment), connectUrl, System.out::println).run();
        } catch (SinkSetupException | IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}
