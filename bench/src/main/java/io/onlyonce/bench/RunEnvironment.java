package io.onlyonce.bench;

import io.onlyonce.platform.machine.Machine;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

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
    boolean isSameMachine(RunEnvironment other) {
        return cpu.equals(other.cpu) && cores == other.cores && memoryGib == other.memoryGib;
    }

    static RunEnvironment current(boolean quick) {
        Machine machine = Machine.current();
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return new RunEnvironment(
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                quick,
                machine.cpu(),
                machine.cores(),
                machine.memoryGib(),
                machine.os(),
                machine.java(),
                machine.kafkaClients(),
                machine.kafkaBroker(),
                Math.round(load * 100) / 100.0);
    }
}
