package io.onlyonce.bench;

import io.onlyonce.platform.ProjectHome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.kafka.common.utils.AppInfoParser;

/**
 * Where and when a run took place.
 *
 * @param load the machine's average over a minute before the run: more than a little, and others were at work on it
 */
record Environment(
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
    static Environment here(boolean quick) {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Environment(
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                quick,
                cpuName(),
                system.getAvailableProcessors(),
                Math.round(system.getTotalMemorySize() / Math.pow(2, 30)),
                system.getName() + " " + system.getVersion(),
                System.getProperty("java.vendor.version", "") + " " + System.getProperty("java.version"),
                AppInfoParser.getVersion(),
                brokerVersion(),
                Math.round(system.getSystemLoadAverage() * 100) / 100.0);
    }

    /** As the names of its jars have it: kafka-clients-4.2.1.jar. */
    private static String brokerVersion() {
        String jar = Jvm.jar(ProjectHome.locate().brokerLibraries(), "kafka-clients-")
                .getFileName()
                .toString();
        return jar.substring("kafka-clients-".length(), jar.length() - ".jar".length());
    }

    private static String cpuName() {
        Path file = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(file)) {
            return System.getProperty("os.arch");
        }
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
