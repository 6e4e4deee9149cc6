package io.onlyonce.stream;

import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.errors.InterruptException;

/** Knows whether Kafka answers. Kafka Streams itself stays RUNNING while it waits for a broker to come back. */
final class BrokerWatch {
    private static final int TIMEOUT_MS = 900;

    private final Admin admin;
    private final String bootstrapServers;
    private volatile Optional<String> problem = Optional.empty();

    BrokerWatch(Admin admin, String bootstrapServers) {
        this.admin = admin;
        this.bootstrapServers = bootstrapServers;
    }

    /** Asks; waits for the answer, but not for long. */
    void look() {
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

    /** As of the last look. */
    Optional<String> problem() {
        return problem;
    }
}
