package io.onlyonce.platform;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** TCP ports of the loopback interface. */
public final class Ports {
    /**
     * The range is below that of ephemeral ports (from 32768 on Linux). A client could otherwise occupy the port of a
     * component while that component is down, or connect to itself while it waits for the component.
     */
    private static final int FIRST = 15_000;

    private static final int LAST = 32_000;

    private Ports() {}

    /** Returns distinct ports that are free at the moment. */
    public static List<Integer> free(int count) {
        return ThreadLocalRandom.current()
                .ints(FIRST, LAST)
                .distinct()
                .filter(Ports::isFree)
                .limit(count)
                .boxed()
                .toList();
    }

    /** Whether a server can listen on the port. */
    public static boolean isFree(int port) {
        if (hasListener(port)) {
            return false;
        }
        try (ServerSocket socket = new ServerSocket()) {
            // Ignores closed connections in TIME_WAIT, as servers do.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static boolean hasListener(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
