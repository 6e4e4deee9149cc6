package io.onlyonce.platform;

import io.onlyonce.model.Topics;
import io.onlyonce.platform.process.Directories;
import io.onlyonce.platform.process.Watchdog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

/**
 * Kafka with the topics of the contract and, if requested, PostgreSQL and Connect, on free ports and in a temporary
 * directory. {@link #close()} deletes the directory. If this JVM ends without it, a watchdog deletes the directory some
 * seconds later. Several platforms can run at the same time, on one machine and in one JVM.
 */
public final class Platform implements AutoCloseable {
    private final Path directory;
    private final RunContext context;
    private final Watchdog watchdog;
    private final KafkaBroker kafka;
    private final Optional<PostgresServer> postgres;
    private final Optional<ConnectWorker> connect;

    private Platform(Builder builder) throws IOException {
        directory = Files.createTempDirectory("onlyonce-");
        watchdog = Watchdog.over(directory);
        context = new RunContext(ProjectHome.locate(), directory, Lifetime.WITH_THIS_JVM);
        List<Integer> ports = Ports.free(4);
        kafka = new KafkaBroker(context, ports.get(0), ports.get(1));
        postgres = builder.postgres ? Optional.of(new PostgresServer(context, ports.get(2))) : Optional.empty();
        Map<String, String> environment =
                postgres.map(PostgresServer::clientEnvironment).orElse(Map.of());
        connect = builder.plugins.map(
                plugins -> new ConnectWorker(context, ports.get(3), kafka.bootstrapServers(), plugins, environment));
        start(builder.partitions);
    }

    public static Builder builder() {
        return new Builder();
    }

    public static final class Builder {
        private boolean postgres;
        private Optional<ConnectWorker.Plugins> plugins = Optional.empty();
        private int partitions = Topics.DEFAULT_PARTITIONS;

        public Builder withPostgres() {
            postgres = true;
            return this;
        }

        /** Adds the worker of the product, without connectors. */
        public Builder withConnect() {
            return withConnect(ConnectWorker.Plugins.shipped(ProjectHome.locate()));
        }

        public Builder withConnect(ConnectWorker.Plugins workerPlugins) {
            plugins = Optional.of(workerPlugins);
            return this;
        }

        public Builder withPartitions(int number) {
            partitions = number;
            return this;
        }

        /** Returns when all servers are ready. If one fails, everything is stopped and deleted. */
        public Platform start() {
            try {
                return new Platform(this);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void start(int partitions) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var database = CompletableFuture.runAsync(() -> postgres.ifPresent(PostgresServer::start), threads);
            kafka.start();
            kafka.createTopics(partitions);
            connect.ifPresent(ConnectWorker::start);
            database.join();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    public String jdbcUrl() {
        return postgres().jdbcUrl();
    }

    public URI connectUrl() {
        return connect().url();
    }

    public KafkaBroker kafka() {
        return kafka;
    }

    public PostgresServer postgres() {
        return postgres.orElseThrow();
    }

    public ConnectWorker connect() {
        return connect.orElseThrow();
    }

    /** The temporary directory. A test can add files to it, which are then deleted too. */
    public Path directory() {
        return directory;
    }

    /** The context for components that a test adds to this platform. */
    public RunContext context() {
        return context;
    }

    /** Kills the servers: a clean shutdown has no effect on data that is deleted. */
    @Override
    public void close() {
        connect.ifPresent(Platform::kill);
        kill(kafka);
        postgres.ifPresent(server -> server.stop(TerminationStyle.ABRUPT));
        try {
            Directories.delete(directory);
            watchdog.close();
        } catch (IOException e) {
            throw new UncheckedIOException("The directory of the platform could not be deleted", e);
        }
    }

    private static void kill(Component server) {
        server.stop(server.lacksArchive() ? TerminationStyle.GRACEFUL : TerminationStyle.ABRUPT);
    }
}
