package io.onlyonce.stream.runtime;

import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.errors.InterruptException;

/** Checks whether Kafka responds. Kafka Streams stays RUNNING while no broker is available. */
final class BrokerProbe {
    private static final int TIMEOUT_MS = 900;

    private final Admin admin;
    private final String bootstrapServers;
    private volatile Optional<String> problem = Optional.empty();

    BrokerProbe(Admin admin, String bootstrapServers) {
        this.admin = admin;
        this.bootstrapServers = bootstrapServers;
    }

    /** Sends a request and waits up to {@value #TIMEOUT_MS} ms for the response. */
    void probe() {
        try {
            admin.describeCluster(new DescribeClusterOptions().timeoutMs(TIMEOUT_MS))
                    .nodes()
                    .get();
            problem = Optional.empty();
        } catch (ExecutionException e) {
            problem = Optional.of("Kafka at " + bootstrapServers + " does not answer: "
                    + e.getCause().getMessage());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** Returns the problem that the last probe found; empty if Kafka responded. */
    Optional<String> problem() {
        return problem;
    }
}
