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
                System.getProperty("java.vendor.version", "") + " " + System.getProperty("java.version"),
                AppInfoParser.getVersion(),
                brokerVersion(),
                Math.round(system.getSystemLoadAverage() * 100) / 100.0);
    }

    /** Returns the version in the name of the broker's jar, such as kafka-clients-4.2.1.jar. */
    private static String brokerVersion() {
        String prefix = "kafka-clients-";
        String jar = BaselineJvm.jar(ProjectHome.locate().brokerLibraries(), prefix)
                .getFileName()
                .toString();
        return jar.substring(prefix.length(), jar.length() - ".jar".length());
    }

    private static String cpuName() {
        Path file = Path.of("/proc/cpuinfo");
        String unknown = System.getProperty("os.arch");
        if (!Files.isReadable(file)) {
            return unknown;
        }
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(unknown);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
