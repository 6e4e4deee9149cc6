package io.onlyonce.sink;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
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
 * Makes the tables and starts the connectors. May be run again at any time: what is there is left alone, what has
 * changed is brought up to date, what stands still is started.
 *
 * <p>The compose service {@code connect-setup}; the launcher calls it in its own process.
 */
public final class SinkSetup {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** SQL's class of states for an authorisation that was refused. */
    private static final String WRONG_USER_OR_PASSWORD = "28";

    private final Database database;
    private final URI connectUrl;
    private final Consumer<String> progress;
    private final Duration patience;

    /** @param progress takes a line for each step done, and for each that has to wait */
    public SinkSetup(Database database, URI connectUrl, Consumer<String> progress) {
        this(database, connectUrl, progress, PATIENCE);
    }

    SinkSetup(Database database, URI connectUrl, Consumer<String> progress, Duration patience) {
        this.database = database;
        this.connectUrl = connectUrl;
        this.progress = progress;
        this.patience = patience;
    }

    /**
     * Returns when the tables exist and every connector and its tasks are RUNNING. Waits for PostgreSQL and Connect.
     *
     * @throws SinkSetupException with the reason
     */
    public void run() throws InterruptedException {
        migrate();
        connect();
    }

    /** The first half: the tables. */
    public void migrate() throws InterruptedException {
        retry(
                "PostgreSQL at " + database,
                () -> DriverManager.getConnection(database.url(), database.user(), database.password())
                        .close());
        try {
            int migrations = Flyway.configure()
                    .dataSource(database.url(), database.user(), database.password())
                    .load()
                    .migrate()
                    .migrationsExecuted;
            progress.accept(migrations == 0 ? "Tables are up to date" : "Tables are ready");
        } catch (FlywayException e) {
            throw new SinkSetupException("The tables could not be made: " + e.getMessage(), e);
        }
    }

    /** The second half: the connectors. */
    public void connect() throws InterruptedException {
        try (ConnectApi connect = new ConnectApi(connectUrl)) {
            retry("Connect at " + connectUrl, connect::ping);
            progress.accept("Connect answers");
            configure(connect);
            awaitRunning(connect);
        }
        progress.accept("Connectors are running: " + String.join(", ", Connectors.NAMES));
    }

    /** All at once: the worker then takes them in one rebalance, and not in three. */
    private void configure(ConnectApi connect) throws InterruptedException {
        retry("Connectors " + Connectors.NAMES, () -> {
            Map<String, Map<String, String>> present = connect.configs();
            List<Callable<Void>> changes = new ArrayList<>();
            for (String name : Connectors.NAMES) {
                Map<String, String> config = Connectors.config(name, database);
                // Connect restarts a connector that is given its own configuration again.
                if (!config.equals(present.get(name))) {
                    changes.add(() -> {
                        connect.configure(name, config);
                        return null;
                    });
                }
            }
            atOnce(changes);
        });
    }

    private static void atOnce(List<Callable<Void>> tasks) throws IOException, InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> task : threads.invokeAll(tasks)) {
                task.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void awaitRunning(ConnectApi connect) throws InterruptedException {
        Set<String> pending = new HashSet<>(Connectors.NAMES);
        retry("Connectors " + Connectors.NAMES, () -> {
            Map<String, ConnectApi.Status> statuses = connect.statuses();
            for (String name : List.copyOf(pending)) {
                ConnectApi.Status status = statuses.get(name);
                if (status == null) {
                    continue;
                }
                if (status.isRunning()) {
                    pending.remove(name);
                    progress.accept(name + " is running");
                } else if (status.state().equals("STOPPED") || status.state().equals("PAUSED")) {
                    // Left so by a reset that did not come to its end.
                    connect.resume(name);
                }
                // What has FAILED is restarted by the worker's own FailedTaskRestarter.
            }
            if (!pending.isEmpty()) {
                statuses.keySet().retainAll(pending);
                throw new IOException(pending + " not running: " + statuses);
            }
        });
    }

    private interface Attempt {
        void run() throws IOException, SQLException, InterruptedException;
    }

    /** Repeats what the outside may not be ready for. */
    private void retry(String what, Attempt attempt) throws InterruptedException {
        Instant deadline = Instant.now().plus(patience);
        boolean isFirst = true;
        while (true) {
            try {
                attempt.run();
                return;
            } catch (IOException | SQLException e) {
                if (isFinal(e) || Instant.now().isAfter(deadline)) {
                    throw new SinkSetupException(what + ": " + reason(e), e);
                }
            }
            if (isFirst) {
                progress.accept("Waiting for " + what);
                isFirst = false;
            }
            Thread.sleep(PAUSE);
        }
    }

    /** Whether it will be the same next time. */
    private static boolean isFinal(Exception e) {
        return switch (e) {
            case ConnectApi.RefusedException refused -> refused.isFinal();
            case SQLException sql ->
                sql.getSQLState() != null && sql.getSQLState().startsWith(WRONG_USER_OR_PASSWORD);
            default -> false;
        };
    }

    /** The JDK's HTTP client has no words for a port where nobody listens. */
    private static String reason(Exception e) {
        return e instanceof ConnectException && e.getMessage() == null ? "no connection" : e.getMessage();
    }

    /** Reads CONNECT_URL and what {@link Database} reads. Ends with 1 and the reason where it fails. */
    public static void main(String[] args) throws InterruptedException {
        Map<String, String> environment = System.getenv();
        URI connectUrl = URI.create(environment.getOrDefault("CONNECT_URL", "http://localhost:8083"));
        try {
            new SinkSetup(Database.of(environment), connectUrl, System.out::println).run();
        } catch (SinkSetupException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}
