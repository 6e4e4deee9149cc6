package io.onlyonce.launcher;

import io.onlyonce.platform.Ports;
import io.onlyonce.verifier.ComponentName;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where a stack listens, on the loopback interface.
 *
 * @param controller of Kafka's metadata quorum; for the broker only
 */
record StackPorts(int kafka, int controller, int connect, int postgres, int producer, int consumer, int api) {
    private static final int MAX_PORT = 65_535;

    /** The contract's, each shifted by the offset. */
    static StackPorts contract(int offset) {
        StackPorts ports = new StackPorts(
                9092 + offset,
                9093 + offset,
                8083 + offset,
                5432 + offset,
                8000 + offset,
                8001 + offset,
                8003 + offset);
        if (ports.controller > MAX_PORT || ports.postgres < 1) {
            throw new LabException("LAB_PORT_OFFSET is " + offset + ", which shifts a port out of 1 to " + MAX_PORT);
        }
        return ports;
    }

    /** Ports that nobody listens on now: for a stack that lives beside others. */
    static StackPorts free() {
        List<Integer> free = Ports.free(7);
        return new StackPorts(
                free.get(0), free.get(1), free.get(2), free.get(3), free.get(4), free.get(5), free.get(6));
    }

    int of(ComponentName part) {
        return switch (part) {
            case KAFKA -> kafka;
            case CONNECT -> connect;
            case POSTGRES -> postgres;
            case PRODUCER -> producer;
            case CONSUMER -> consumer;
            case API -> api;
        };
    }

    /** Those of a part on which somebody listens. */
    List<Integer> taken(ComponentName part) {
        IntStream ports = part == ComponentName.KAFKA ? IntStream.of(kafka, controller) : IntStream.of(of(part));
        return ports.filter(port -> !Ports.isFree(port)).boxed().toList();
    }
}
