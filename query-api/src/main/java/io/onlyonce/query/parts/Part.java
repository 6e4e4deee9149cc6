package io.onlyonce.query.parts;

/** A part that this service talks to over HTTP, by the contract's name. */
public enum Part {
    PRODUCER,
    CONSUMER,
    CONNECT;

    @Override
    public String toString() {
        return "the " + name().toLowerCase(java.util.Locale.ROOT);
    }
}
