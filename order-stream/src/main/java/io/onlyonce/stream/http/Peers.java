package io.onlyonce.stream.http;

import io.onlyonce.stream.runtime.NotRunningException;
import io.onlyonce.stream.runtime.OrderStream;
import io.onlyonce.stream.runtime.StreamSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.state.HostInfo;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/** A client for the other instances of the stream. Kafka Streams provides their addresses. */
@Component
final class Peers {
    /** Marks a request from another instance, which must not be forwarded again. */
    static final String FORWARDED = "X-Onlyonce-Relayed";

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** A request can wait until the other instance has restarted its topology. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(90);

    private final OrderStream stream;
    private final URI self;
    private final RestClient http;

    Peers(OrderStream stream, StreamSettings settings, @Value("${onlyonce.admin-token:}") String adminToken) {
        this.stream = stream;
        this.self = settings.advertisedUrl();
        JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory(
                HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build());
        factory.setReadTimeout(READ_TIMEOUT);
        RestClient.Builder builder =
                RestClient.builder().requestFactory(factory).defaultHeader(FORWARDED, "true");
        if (!adminToken.isBlank()) {
            builder.defaultHeader(HttpHeaders.AUTHORIZATION, "Bearer " + adminToken);
        }
        http = builder.build();
    }

    /** Returns the other members of the group. If the topology is not running here, they are not known. */
    List<URI> others() {
        return stream.runningTopology().stream()
                .flatMap(streams -> streams.metadataForAllStreamsClients().stream())
                .map(StreamsMetadata::hostInfo)
                .filter(host -> host.port() > 0 && !isSelf(host))
                .map(this::url)
                .toList();
    }

    /**
     * Runs an action on this instance and, at the same time, sends the request for it to other instances.
     *
     * @throws NotRunningException if the action failed on other instances; the message contains their addresses
     */
    void runOnAll(Runnable action, List<URI> others, String path, Object body) {
        Map<URI, Future<?>> requests = new LinkedHashMap<>();
        try (ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor()) {
            others.forEach(peer -> requests.put(
                    peer,
                    calls.submit(() -> http.post()
                            .uri(peer.resolve(path))
                            .contentType(MediaType.APPLICATION_JSON)
                            .body(body)
                            .retrieve()
                            .toBodilessEntity())));
            action.run();
        }
        StringJoiner failed = new StringJoiner("; ");
        requests.forEach((peer, call) -> {
            if (call.state() == Future.State.FAILED) {
                failed.add(peer + " (" + call.exceptionNow().getMessage() + ")");
            }
        });
        if (failed.length() > 0) {
            throw new NotRunningException("applied on this instance, but failed on: " + failed);
        }
    }

    /** Returns the response of another instance, with any status. */
    ResponseEntity<String> get(HostInfo peer, String path, String variable) {
        return http.get()
                .uri(url(peer) + path, variable)
                .exchange((request, response) -> ResponseEntity.status(response.getStatusCode())
                        .contentType(response.getHeaders().getContentType())
                        .body(response.bodyTo(String.class)));
    }

    boolean isSelf(HostInfo host) {
        return host.host().equals(self.getHost()) && host.port() == self.getPort();
    }

    private URI url(HostInfo host) {
        return URI.create(self.getScheme() + "://" + host.host() + ":" + host.port());
    }
}
