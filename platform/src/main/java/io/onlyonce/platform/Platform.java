package io.onlyonce.platform;

import io.onlyonce.model.Topics;
import io.onlyonce.model.setup.TopicSetup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * Kafka with the contract's topics, and PostgreSQL and Connect where asked for: on free ports, in a temporary directory
 * that is gone after {@link #close()}, and some seconds after this JVM where it ends without. Several can run at a time, on one machine and in one JVM.
 */
public final class Platform implements AutoCloseable {
    private final Path directory;
    private final Watchdog watchdog;
    private final KafkaBroker kafka;
    private final Optional<PostgresServer> postgres;
    private final Optional<ConnectWorker> connect;
    private final int partitions;

    private Platform(Builder builder) throws IOException {
        directory = Files.createTempDirectory("onlyonce-");
        watchdog = Watchdog.over(directory);
        partitions = builder.partitions;
        ProjectHome home = ProjectHome.locate();
        RunContext site = new RunContext(home, directory, Lifetime.WITH_THIS_JVM);
        List<Integer> ports = Ports.free(4);
        kafka = new KafkaBroker(site, ports.get(0), ports.get(1));
        postgres = builder.postgres ? Optional.of(new PostgresServer(site, ports.get(2))) : Optional.empty();
        connect = builder.plugins.map(plugins -> new ConnectWorker(
                site,
                ports.get(3),
                kafka.bootstrapServers(),
                plugins.orElseGet(() -> ConnectWorker.Plugins.shipped(home)),
                postgres.map(PostgresServer::clientEnvironment).orElse(Map.of())));
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Each of its methods returns the builder itself. */
    public static final class Builder {
        private boolean postgres;
        // Outside: whether there is a worker; inside: whether it is other than the shipped one.
        private Optional<Optional<ConnectWorker.Plugins>> plugins = Optional.empty();
        private int partitions = Topics.DEFAULT_PARTITIONS;

        private Builder() {}

        public Builder withPostgres() {
            postgres = true;
            return this;
        }

        /** The worker as the product ships it, without connectors. */
        public Builder withConnect() {
            plugins = Optional.of(Optional.empty());
            return this;
        }

        public Builder withConnect(ConnectWorker.Plugins other) {
            plugins = Optional.of(Optional.of(other));
            return this;
        }

        /** Of each of the contract's topics. */
        public Builder withPartitions(int number) {
            partitions = number;
            return this;
        }

        /** Returns when all is ready; where it fails, nothing is left behind. */
        public Platform start() {
            try {
                Platform platform = new Platform(this);
                platform.start();
                return platform;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void start() {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> starting = Stream.concat(
                            Stream.<Runnable>of(this::startKafka),
                            postgres.stream().map(server -> (Runnable) server::start))
                    .<Future<?>>map(threads::submit)
                    .toList();
            for (Future<?> part : starting) {
                part.get();
            }
        } catch (ExecutionException e) {
            close();
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the platform started", e);
        }
    }

    /** And Connect, which needs it. */
    private void startKafka() {
        kafka.start();
        try (Admin admin =
                Admin.create(Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()))) {
            TopicSetup.create(admin, partitions, 1);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the topics could not be created", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the topics were created", e);
        }
        connect.ifPresent(ConnectWorker::start);
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

    /** @throws java.util.NoSuchElementException where it was not asked for */
    public PostgresServer postgres() {
        return postgres.orElseThrow();
    }

    /** @throws java.util.NoSuchElementException where it was not asked for */
    public ConnectWorker connect() {
        return connect.orElseThrow();
    }

    /** The temporary directory, for what else a test wants to be gone after it. */
    public Path directory() {
        return directory;
    }

    /** For parts of a test's own on the same site. */
    public RunContext site() {
        return new RunContext(ProjectHome.locate(), directory, Lifetime.WITH_THIS_JVM);
    }

    /** At once: nothing that the parts would do in good order outlives the directory. */
    @Override
    public void close() {
        connect.ifPresent(part -> part.stop(TerminationStyle.ABRUPT));
        kafka.stop(TerminationStyle.ABRUPT);
        postgres.ifPresent(part -> part.stop(TerminationStyle.ABRUPT));
        try {
            Directories.delete(directory);
            watchdog.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the platform's directory is left behind", e);
        }
    }
}
