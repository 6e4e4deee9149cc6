package io.onlyonce.bench;

import io.onlyonce.platform.ProjectHome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;

/**
 * The time, the machine and the versions of a run.
 *
 * @param load average of one minute before the run; a high value means that other programs used the machine
 */
record RunEnvironment(
        Instant at,
        boolean quick,
        String cpu,
        int cores,
        long memoryGib,
        String os,
        String java,
        String kafkaClients,
        String kafkaBroker,
        double load) {
    static RunEnvironment current(boolean quick) {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new RunEnvironment(
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                quick,
                cpuName(),
                system.getAvailableProcessors(),
                Math.round(system.getTotalMemorySize() / Math.pow(2, 30)),
                system.getName() + " " + system.getVersion(),
                (System.getProperty("java.vendor.version", "") + " " + System.getProperty("java.version")).strip(),
                clientVersion(),
                brokerVersion(),
                Math.round(system.getSystemLoadAverage() * 100) / 100.0);
    }

    private static String clientVersion() {
        Properties properties = new Properties();
        try (InputStream file = KafkaProducer.class.getResourceAsStream("/kafka/kafka-version.properties")) {
            properties.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }

    /** Returns the version in the name of the broker's jar, such as kafka-clients-4.2.1.jar. */
    private static String brokerVersion() {
        Path jar = BaselineJvm.jar(ProjectHome.locate().brokerLibraries(), "kafka-clients-");
        return jar.getFileName().toString().replaceAll("kafka-clients-|\\.jar", "");
    }

    private static String cpuName() {
        String unknown = System.getProperty("os.arch");
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(unknown);
        } catch (IOException e) {
            // Only Linux has this file.
            return unknown;
        }
    }
}
