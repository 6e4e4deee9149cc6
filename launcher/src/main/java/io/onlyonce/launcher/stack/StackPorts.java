package io.onlyonce.launcher.stack;

import io.onlyonce.platform.Ports;
import io.onlyonce.verifier.ComponentName;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The ports of a stack on the loopback interface.
 *
 * @param controller port of the Kafka controller, which only the broker uses
 */
record StackPorts(Map<ComponentName, Integer> ports, int controller) {
    /** The ports of the contract, each plus the offset. */
    static StackPorts contract(int offset) {
        Map<ComponentName, Integer> ports = Map.of(
                ComponentName.POSTGRES, 5432 + offset,
                ComponentName.PRODUCER, 8000 + offset,
                ComponentName.CONSUMER, 8001 + offset,
                ComponentName.API, 8003 + offset,
                ComponentName.CONNECT, 8083 + offset,
                ComponentName.KAFKA, 9092 + offset);
        if (offset <= -5432 || offset > 65_535 - 9093) {
            throw new LabException("LAB_PORT_OFFSET must keep every port between 1 and 65535, but was " + offset);
        }
        return new StackPorts(ports, 9093 + offset);
    }

    /** Ports that are free at the moment, for a stack that runs next to others. */
    static StackPorts free() {
        Iterator<Integer> free = Ports.free(7).iterator();
        Map<ComponentName, Integer> ports = new EnumMap<>(ComponentName.class);
        for (ComponentName component : ComponentName.values()) {
            ports.put(component, free.next());
        }
        return new StackPorts(ports, free.next());
    }

    int of(ComponentName component) {
        return ports.get(component);
    }

    /** The ports of a component that are in use. */
    Stream<Integer> inUse(ComponentName component) {
        Stream<Integer> all =
                component == ComponentName.KAFKA ? Stream.of(of(component), controller) : Stream.of(of(component));
        return all.filter(port -> !Ports.isFree(port));
    }
}
