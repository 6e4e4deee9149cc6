package io.onlyonce.query.services;

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

/** Calls the other components. Every call has a timeout. */
@Component
public final class ServiceClient {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    private final QueryProperties properties;

    ServiceClient(QueryProperties properties) {
        this.properties = properties;
    }

    /**
     * @param path starts with a slash
     * @param body JSON; can be empty
     * @param authorization value of the Authorization header; can be null
     * @param timeout can be zero, for example at the end of a deadline
     * @throws ServiceNotRunningException if no process listens at the address
     * @throws UnavailableException if the service does not answer in time, or closes the connection
     */
    public ServiceResponse call(
            RemoteService service, String method, String path, byte[] body, String authorization, Duration timeout) {
        HttpRequest.Builder request = HttpRequest.newBuilder(service.resolve(path, properties))
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

    /** Uses a new connection for each call. A pooled connection to a killed process would fail the first call to its successor. */
    private static ServiceResponse send(RemoteService service, HttpRequest request) {
        try (HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build()) {
            HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
            String contentType = response.headers()
                    .firstValue(HttpHeaders.CONTENT_TYPE)
                    .orElse(MediaType.APPLICATION_OCTET_STREAM_VALUE);
            return new ServiceResponse(response.statusCode(), contentType, response.body());
        } catch (HttpTimeoutException e) {
            throw new UnavailableException(service + " does not answer in time", e);
        } catch (ConnectException e) {
            throw new ServiceNotRunningException(service, e);
        } catch (IOException e) {
            if (!acceptsConnections(request.uri())) {
                throw new ServiceNotRunningException(service, e);
            }
            throw new UnavailableException(service + " closed the connection: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        }
    }

    /** Distinguishes a process that died after it accepted the connection from a process that is running. */
    private static boolean acceptsConnections(URI address) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(address.getHost(), address.getPort()), (int) CONNECT_TIMEOUT.toMillis());
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
