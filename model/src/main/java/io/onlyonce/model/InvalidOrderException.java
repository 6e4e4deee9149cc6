package io.onlyonce.model;

/** A field or a record violates the contract. The HTTP response is 400; the stream writes a dead letter. */
public final class InvalidOrderException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Limits the text, which can come from a client, in headers, responses and the log. */
    private static final int MAX_TEXT_LENGTH = 300;

    private final String field;
    private final String reason;

    /**
     * @param field JSON path of the field, for example {@code items[2].price}; empty for the complete record
     * @param reason completes a sentence that starts with the field, for example "is missing"
     */
    public InvalidOrderException(String field, String reason) {
        this(field, reason, null);
    }

    InvalidOrderException(String field, String reason, Throwable cause) {
        super(field.isEmpty() ? printable(reason) : printable(field) + " " + printable(reason), cause);
        this.field = printable(field);
        this.reason = printable(reason);
    }

    private static String printable(String text) {
        String cut = text.length() <= MAX_TEXT_LENGTH ? text : text.substring(0, MAX_TEXT_LENGTH) + "…";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }

    /** Returns the same error with the path of the enclosing element in front of the field. */
    public InvalidOrderException within(String path) {
        return new InvalidOrderException(field.isEmpty() ? path : path + "." + field, reason, this);
    }

    public String field() {
        return field;
    }
}
