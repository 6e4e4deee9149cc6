package io.onlyonce.stream;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/** The other instances of the stream, as Kafka Streams knows them, and how to talk to them. */
@Component
final class Peers {
    /** Marks a request that another instance has passed on: it is carried out, and not passed on again. */
    static final String RELAYED = "X-Onlyonce-Relayed";

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** A peer that restarts its topology may take its time. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(90);

    private final OrderStream stream;
    private final URI self;
    private final RestClient http;

    Peers(OrderStream stream, StreamSettings settings, @Value("${onlyonce.admin-token:}") Optional<String> adminToken) {
        this.stream = stream;
        this.self = settings.advertisedUrl();
        JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(
                HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build());
        requests.setReadTimeout(READ_TIMEOUT);
        RestClient.Builder builder =
                RestClient.builder().requestFactory(requests).defaultHeader(RELAYED, "true");
        adminToken
                .filter(token -> !token.isBlank())
                .ifPresent(token -> builder.defaultHeader(HttpHeaders.AUTHORIZATION, "Bearer " + token));
        http = builder.build();
    }

    /** Those in the group now; none while the topology is stopped, as the group is not known then. */
    List<URI> others() {
        return stream.runningTopology().stream()
                .flatMap(streams -> streams.metadataForAllStreamsClients().stream())
                .map(StreamsMetadata::hostInfo)
                .filter(host -> host.port() > 0 && !isSelf(host))
                .map(this::url)
                .toList();
    }

    /**
     * Passes a request on to other instances, at the same time as this one carries it out itself.
     *
     * @throws OrderStream.NotRunningException naming those that did not do it, when all have answered
     */
    void together(Runnable ownPart, List<URI> others, String path, Object body) {
        Map<URI, Future<?>> asked = new LinkedHashMap<>();
        List<String> failed = new ArrayList<>();
        try (ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor()) {
            others.forEach(peer -> asked.put(peer, calls.submit(() -> post(peer.resolve(path), body))));
            ownPart.run();
        }
        asked.forEach((peer, call) -> {
            if (call.state() == Future.State.FAILED) {
                failed.add(peer + ": " + call.exceptionNow().getMessage());
            }
        });
        if (!failed.isEmpty()) {
            throw new OrderStream.NotRunningException(
                    "this instance has done it, but not its peers: " + String.join("; ", failed));
        }
    }

    private void post(URI url, Object body) {
        http.post()
                .uri(url)
                .contentType(MediaType.APPLICATION_JSON)
                .body(body)
                .retrieve()
                .toBodilessEntity();
    }

    /** What the instance at that address answers, whatever it is. */
    ResponseEntity<String> ask(HostInfo peer, String path, String variable) {
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
