package io.onlyonce.launcher.stack;

import io.onlyonce.platform.Ports;
import io.onlyonce.verifier.ComponentName;
import java.util.List;
import java.util.stream.Stream;

/**
 * The ports of a stack on the loopback interface.
 *
 * @param controller port of the Kafka controller, which only the broker uses
 */
public record StackPorts(int kafka, int controller, int connect, int postgres, int producer, int consumer, int api) {
    private static final int MAX_PORT = 65_535;

    /** The ports of the contract, each plus the offset. */
    static StackPorts contract(int offset) {
        StackPorts ports = of(Stream.of(9092, 9093, 8083, 5432, 8000, 8001, 8003)
                .map(port -> port + offset)
                .toList());
        if (ports.controller > MAX_PORT || ports.postgres < 1) {
            throw new LabException(
                    "LAB_PORT_OFFSET must keep every port between 1 and " + MAX_PORT + ", but was " + offset);
        }
        return ports;
    }

    /** Ports that are free at the moment, for a stack that runs next to others. */
    static StackPorts free() {
        return of(Ports.free(7));
    }

    private static StackPorts of(List<Integer> all) {
        return new StackPorts(all.get(0), all.get(1), all.get(2), all.get(3), all.get(4), all.get(5), all.get(6));
    }

    public int of(ComponentName component) {
        return switch (component) {
            case KAFKA -> kafka;
            case CONNECT -> connect;
            case POSTGRES -> postgres;
            case PRODUCER -> producer;
            case CONSUMER -> consumer;
            case API -> api;
        };
    }

    /** The ports of a component that are in use. */
    List<Integer> inUse(ComponentName component) {
        Stream<Integer> ports =
                component == ComponentName.KAFKA ? Stream.of(kafka, controller) : Stream.of(of(component));
        return ports.filter(port -> !Ports.isFree(port)).toList();
    }
}
