package io.onlyonce.query.services;

import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** Calls the other components. Every call has a timeout. */
@Component
public final class ServiceClient {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    public enum Service {
        PRODUCER("the producer", QueryProperties::producerUrl),
        CONSUMER("the consumer", QueryProperties::consumerUrl),
        CONNECT("Connect", QueryProperties::connectUrl),
        /** This service, for the requests of the console. */
        API("the query API", null);

        private final String text;
        private final Function<QueryProperties, URI> address;

        Service(String text, Function<QueryProperties, URI> address) {
            this.text = text;
            this.address = address;
        }

        /** Returns the name for use in a sentence. */
        @Override
        public String toString() {
            return text;
        }
    }

    private final QueryProperties properties;
    private final Environment environment;
    /** For GET, which the client repeats over a new connection if the pooled one belonged to a killed process. */
    private final HttpClient pooled = client();

    /** No process listens at the address of the service, in contrast to a process that does not answer. */
    public static final class NotRunningException extends UnavailableException {
        private static final long serialVersionUID = 1L;

        NotRunningException(Service service, Throwable cause) {
            super(service + " is not running", cause);
        }
    }

    ServiceClient(QueryProperties properties, Environment environment) {
        this.properties = properties;
        this.environment = environment;
    }

    @PreDestroy
    void close() {
        pooled.shutdownNow();
    }

    private String address(Service service) {
        return service == Service.API
                ? "http://127.0.0.1:" + environment.getRequiredProperty("local.server.port")
                : service.address.apply(properties).toString().replaceAll("/+$", "");
    }

    /**
     * Returns the response with any status.
     *
     * @param path starts with a slash
     * @param body JSON; can be empty
     * @param authorization value of the Authorization header; can be null
     * @param timeout can be zero, for example at the end of a deadline
     * @throws NotRunningException if no process listens at the address
     * @throws UnavailableException if the service does not answer in time, or closes the connection
     */
    public ResponseEntity<byte[]> call(
            Service service, String method, String path, byte[] body, String authorization, Duration timeout) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address(service) + path))
                .timeout(timeout.isPositive() ? timeout : Duration.ofMillis(1))
                .header(HttpHeaders.ACCEPT, MediaType.ALL_VALUE)
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (body.length > 0) {
            request.header(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON_VALUE);
        }
        if (authorization != null) {
            request.header(HttpHeaders.AUTHORIZATION, authorization);
        }
        return send(service, request.build());
    }

    /** Converts a response whose status the caller did not expect. */
    public static UnavailableException unexpected(Service service, String request, ResponseEntity<byte[]> response) {
        String body = new String(response.getBody(), StandardCharsets.UTF_8);
        int status = response.getStatusCode().value();
        return new UnavailableException("%s responds to %s with %d: %s".formatted(service, request, status, body));
    }

    private static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
    }

    private ResponseEntity<byte[]> send(Service service, HttpRequest request) {
        if (request.method().equals("GET")) {
            return send(pooled, service, request);
        }
        // Any other request over a pooled connection to a killed process would fail.
        try (HttpClient http = client()) {
            return send(http, service, request);
        }
    }

    private static ResponseEntity<byte[]> send(HttpClient http, Service service, HttpRequest request) {
        try {
            HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
            String contentType = response.headers()
                    .firstValue(HttpHeaders.CONTENT_TYPE)
                    .orElse(MediaType.APPLICATION_OCTET_STREAM_VALUE);
            return ResponseEntity.status(response.statusCode())
                    .header(HttpHeaders.CONTENT_TYPE, contentType)
                    .body(response.body());
        } catch (HttpTimeoutException e) {
            throw new UnavailableException(service + " does not answer in time", e);
        } catch (ConnectException e) {
            throw new NotRunningException(service, e);
        } catch (IOException e) {
            // The process can have died after it accepted the connection.
            if (!acceptsConnections(request.uri())) {
                throw new NotRunningException(service, e);
            }
            throw new UnavailableException(service + " closed the connection: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        }
    }

    /** Returns whether a process listens at the host and port of the address; also true for a frozen process. */
    public static boolean acceptsConnections(URI address) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(address.getHost(), address.getPort()), (int) CONNECT_TIMEOUT.toMillis());
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
