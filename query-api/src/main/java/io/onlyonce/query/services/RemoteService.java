package io.onlyonce.query.services;

import io.onlyonce.query.QueryProperties;
import java.net.URI;
import java.util.function.Function;

/** A component that this service calls over HTTP. */
public enum RemoteService {
    PRODUCER("the producer", QueryProperties::producerUrl),
    CONSUMER("the consumer", QueryProperties::consumerUrl),
    CONNECT("Connect", QueryProperties::connectUrl);

    private final String text;
    private final Function<QueryProperties, URI> address;

    RemoteService(String text, Function<QueryProperties, URI> address) {
        this.text = text;
        this.address = address;
    }

    URI resolve(String path, QueryProperties properties) {
        return URI.create(address.apply(properties).toString().replaceAll("/+$", "") + path);
    }

    /** The name for use in a sentence. */
    @Override
    public String toString() {
        return text;
    }
}
