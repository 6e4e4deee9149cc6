package io.onlyonce.platform.machine;

import io.onlyonce.platform.ProjectHome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;

/**
 * This machine, and the versions of the programs that run on it.
 *
 * @param cores that this process can use
 */
public record Machine(
        String cpu, int cores, long memoryGib, String os, String java, String kafkaClients, String kafkaBroker) {
    public static Machine current() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Machine(
                cpuName(),
                system.getAvailableProcessors(),
                Math.round(system.getTotalMemorySize() / Math.pow(2, 30)),
                system.getName() + " " + system.getVersion(),
                (System.getProperty("java.vendor.version", "") + " " + System.getProperty("java.version")).strip(),
                clientVersion(),
                brokerVersion());
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
        try (Stream<Path> jars = Files.list(ProjectHome.locate().brokerLibraries())) {
            return jars.map(jar -> jar.getFileName().toString())
                    .filter(name -> name.startsWith("kafka-clients-"))
                    .findFirst()
                    .orElseThrow()
                    .replaceAll("kafka-clients-|\\.jar", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    /** Returns one line for a reader, for example "2 cores (Xeon), 24 GiB, Linux 6.1". */
    public String hardware() {
        return "%d cores (%s), %d GiB, %s".formatted(cores, cpu, memoryGib, os);
    }

    /** Returns one line for a reader, for example "Java 25.0.1, Kafka clients 4.4.0, broker 4.2.1". */
    public String versions() {
        return "Java %s, Kafka clients %s, broker %s".formatted(java, kafkaClients, kafkaBroker);
    }
}
