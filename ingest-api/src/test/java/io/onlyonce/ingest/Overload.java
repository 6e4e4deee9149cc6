package io.onlyonce.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Clients that occupy the connections and the memory of a service. They ignore all errors. */
record Overload(URI service) {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration SLOW_INTERVAL = Duration.ofMillis(500);

    /** Opens connections at the same time, which send a body of white space without its last byte. */
    void sendIncompleteBodies(int connections, int contentLength, Duration time) throws InterruptedException {
        byte[] body = " ".repeat(contentLength - 1).getBytes(US_ASCII);
        run(
                connections,
                time,
                socket -> {
                    socket.getOutputStream().write(body);
                    socket.getInputStream().readAllBytes();
                },
                contentLength);
    }

    /** Opens connections at the same time, which send one byte of their body every half second. */
    void sendSlowBodies(int connections, Duration time) throws InterruptedException {
        run(connections, time, Overload::sendSlowly, 100_000);
    }

    private static void sendSlowly(Socket socket) throws IOException {
        socket.setSoTimeout((int) SLOW_INTERVAL.toMillis());
        while (true) {
            socket.getOutputStream().write(' ');
            try {
                if (socket.getInputStream().read() < 0) {
                    return;
                }
            } catch (SocketTimeoutException e) {
                // The service has neither responded nor closed the connection.
            }
        }
    }

    private interface Client {
        void use(Socket socket) throws IOException;
    }

    private void run(int connections, Duration time, Client client, int contentLength) throws InterruptedException {
        String head = """
                POST /orders/batch HTTP/1.1\r
                Host: localhost\r
                Content-Type: application/json\r
                Content-Length: %d\r
                \r
                """.formatted(contentLength);
        Callable<Void> task = () -> {
            try (Socket socket = new Socket()) {
                socket.connect(
                        new InetSocketAddress(service.getHost(), service.getPort()), (int) CONNECT_TIMEOUT.toMillis());
                OutputStream out = socket.getOutputStream();
                out.write(head.getBytes(US_ASCII));
                client.use(socket);
            } catch (SocketTimeoutException | SocketException e) {
                // The service has no connection left, or has closed this one.
            }
            return null;
        };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // The cancellation of a virtual thread closes its socket.
            threads.invokeAll(Collections.nCopies(connections, task), time.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
