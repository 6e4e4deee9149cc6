package io.onlyonce.bench;

import io.onlyonce.platform.ProjectHome;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Stream;

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
    private static final String KAFKA_CLIENTS = "kafka-clients-";

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
                kafkaVersion(BaselineJvm.library(KAFKA_CLIENTS)),
                kafkaVersion(BaselineJvm.jar(ProjectHome.locate().brokerLibraries(), KAFKA_CLIENTS)),
                Math.round(system.getSystemLoadAverage() * 100) / 100.0);
    }

    /** Returns the version in the name of a jar, such as kafka-clients-4.2.1.jar. */
    private static String kafkaVersion(Path jar) {
        return jar.getFileName().toString().replaceAll(KAFKA_CLIENTS + "|\\.jar", "");
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
