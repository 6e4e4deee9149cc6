package io.onlyonce.stream;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.state.HostInfo;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

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
    private volatile List<URI> lastKnown = List.of();

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

    /** Those in the group now or, while the topology is stopped, when it was stopped. */
    List<URI> others() {
        stream.runningTopology()
                .ifPresent(streams -> lastKnown = streams.metadataForAllStreamsClients().stream()
                        .map(StreamsMetadata::hostInfo)
                        .filter(host -> host.port() > 0 && !isSelf(host))
                        .map(this::url)
                        .toList());
        return lastKnown;
    }

    /**
     * Passes a request on to every other instance.
     *
     * @throws OrderStream.NotRunningException naming those that did not do it, when all have been asked
     */
    void tell(String path, Object body) {
        List<String> failed = new ArrayList<>();
        for (URI peer : others()) {
            try {
                http.post()
                        .uri(peer.resolve(path))
                        .contentType(MediaType.APPLICATION_JSON)
                        .body(body)
                        .retrieve()
                        .toBodilessEntity();
            } catch (RestClientException e) {
                failed.add(peer + ": " + e.getMessage());
            }
        }
        if (!failed.isEmpty()) {
            throw new OrderStream.NotRunningException(
                    "this instance has done it, but not its peers: " + String.join("; ", failed));
        }
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
