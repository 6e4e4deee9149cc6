package io.onlyonce.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** A client that can send invalid requests. */
final class RawHttp implements AutoCloseable {
    private final Socket socket;

    RawHttp(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(30_000);
    }

    /** @param lines the request line and the headers, without Host and the empty line at the end */
    static String exchange(int port, String... lines) throws IOException {
        try (RawHttp http = new RawHttp(port)) {
            http.send(String.join("\r\n", lines) + "\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            return http.readToEnd();
        }
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    /** Waits for the end of the connection. A response before it is discarded. */
    boolean isClosedWithin(Duration time) throws IOException {
        socket.setSoTimeout((int) time.toMillis());
        try {
            socket.getInputStream().readAllBytes();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    /** Returns everything until the server closes the connection. */
    String readToEnd() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
