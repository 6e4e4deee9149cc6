package io.onlyonce.query.parts;

/** A part that this service talks to over HTTP. */
public enum Part {
    PRODUCER("the producer"),
    CONSUMER("the consumer"),
    CONNECT("Connect");

    private final String text;

    Part(String text) {
        this.text = text;
    }

    /** In a sentence. */
    @Override
    public String toString() {
        return text;
    }
}
