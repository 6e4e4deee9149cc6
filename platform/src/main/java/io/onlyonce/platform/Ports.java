package io.onlyonce.platform;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of this machine's loopback. */
public final class Ports {
    /**
     * Below those that the operating system hands out for outgoing connections (32768 and up on Linux): one of those
     * could take the port of a part that is dead for a moment, or connect to itself while it waits for the part.
     */
    private static final int FIRST = 15_000;

    private static final int LAST = 32_000;
    private static final int CONNECT_MILLIS = 500;

    private Ports() {}

    /** @return different ones that nobody listens on now */
    public static List<Integer> free(int count) {
        List<Integer> free = new ArrayList<>();
        while (free.size() < count) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (!free.contains(port) && isFree(port)) {
                free.add(port);
            }
        }
        return free;
    }

    /** Whether a part could listen there. */
    public static boolean isFree(int port) {
        if (answers(port)) {
            return false;
        }
        try (ServerSocket socket = new ServerSocket()) {
            // As every server does: the remains of closed connections do not count.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether somebody listens there. */
    static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
