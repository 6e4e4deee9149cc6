package io.onlyonce.verifier;

/** How a send ended, as far as a client can know. */
sealed interface Answer {
    /**
     * The system says that it has the orders.
     *
     * @param partition of {@code orders} where the order stands; -1 where the answer does not say, as for a batch
     */
    record Acknowledged(int partition) implements Answer {}

    /** The system says that it does not take the orders. */
    record Rejected(int status, String why) implements Answer {}

    /** No answer, or a 5xx: the orders may be there, or not. */
    record Unanswered(String why) implements Answer {}

    /** No connection came about: the orders are not there. */
    record NotSent(String why) implements Answer {}
}
