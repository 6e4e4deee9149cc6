package io.onlyonce.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP server that sends the same response to all requests, in place of another component. */
final class StubServer implements AutoCloseable {
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    StubServer(int port, String response) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", exchange -> {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            byte[] body = response.getBytes(UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    /** A Connect worker with the connector of the sink and one task. */
    static StubServer connect(String connectorState, String taskState) {
        String response =
                "{\"postgres-sink\":{\"status\":{\"connector\":{\"state\":\"%s\"},\"tasks\":[{\"id\":0,\"state\":\"%s\"}]}}}"
                        .formatted(connectorState, taskState);
        return new StubServer(Servers.CONNECT_PORT, response);
    }

    static StubServer runningConnect() {
        return connect("RUNNING", "RUNNING");
    }

    List<String> requests() {
        return requests;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
