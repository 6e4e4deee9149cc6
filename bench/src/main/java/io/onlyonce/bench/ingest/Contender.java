package io.onlyonce.bench.ingest;

/** Four ways to answer POST /orders. */
enum Contender {
    EXACTLY_ONCE("exactly-once", "exactly-once", "/orders"),
    AT_MOST_ONCE("acks=0", "at-most-once", "/orders"),
    /** Validates and answers: the limit that HTTP, JSON and this load generator set. */
    HTTP_ONLY("HTTP only", "exactly-once", "/orders/validate"),
    TXN_PER_REQUEST("a transaction a request", null, "/orders");

    final String label;

    /** Of the ingest API; null for the contender that is none. */
    final String deliveryMode;

    final String path;

    Contender(String label, String deliveryMode, String path) {
        this.label = label;
        this.deliveryMode = deliveryMode;
        this.path = path;
    }

    boolean writes() {
        return this != HTTP_ONLY;
    }
}
