package io.onlyonce.query.parts;

import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
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
import java.time.Duration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/** Calls the other parts; every call is bounded in time. */
@Component
public final class Parts {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);

    private final QueryProperties properties;

    Parts(QueryProperties properties) {
        this.properties = properties;
    }

    /**
     * @param path below the part's address, beginning with a slash
     * @param body JSON; empty for none
     * @param authorization the header to pass on; null for none
     * @throws NotRunningException where nobody listens
     * @throws UnavailableException where the part does not answer in time
     */
    public Answer call(Part part, String method, String path, byte[] body, String authorization, Duration limit) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address(part) + path))
                .timeout(limit)
                .header(HttpHeaders.ACCEPT, MediaType.ALL_VALUE)
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (body.length > 0) {
            request.header(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON_VALUE);
        }
        if (authorization != null) {
            request.header(HttpHeaders.AUTHORIZATION, authorization);
        }
        return send(part, request.build());
    }

    private Answer send(Part part, HttpRequest request) {
        // A client for each call, so that each has a connection of its own: one kept from before may belong to a
        // process
        // that is gone, and would break as if the part had died of this very call.
        try (HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_LIMIT)
                .build()) {
            HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
            return new Answer(
                    response.statusCode(),
                    response.headers()
                            .firstValue(HttpHeaders.CONTENT_TYPE)
                            .orElse(MediaType.APPLICATION_OCTET_STREAM_VALUE),
                    response.body());
        } catch (HttpTimeoutException e) {
            throw new UnavailableException(part + " does not answer in time", e);
        } catch (ConnectException e) {
            throw new NotRunningException(part, e);
        } catch (IOException e) {
            if (!listens(request.uri())) {
                throw new NotRunningException(part, e);
            }
            throw new UnavailableException(part + " broke the connection: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("The service is stopping", e);
        }
    }

    /** A process that is being killed may still take a connection: what counts is whether it takes the next. */
    private static boolean listens(URI address) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.getHost(), address.getPort()), (int) CONNECT_LIMIT.toMillis());
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private String address(Part part) {
        URI address = switch (part) {
            case PRODUCER -> properties.producerUrl();
            case CONSUMER -> properties.consumerUrl();
            case CONNECT -> properties.connectUrl();
        };
        return address.toString().replaceAll("/+$", "");
    }
}
