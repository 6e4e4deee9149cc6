package io.onlyonce.model;

/** An order that breaks a rule of the contract. At the edge it becomes a 400, inside a dead letter. */
public final class InvalidOrderException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final String reason;

    /**
     * @param field path of the offending field in the JSON, for example {@code items[2].price}; empty for the whole
     * @param reason what is wrong with it, to be read after the field's name
     */
    public InvalidOrderException(String field, String reason) {
        this(field, reason, null);
    }

    InvalidOrderException(String field, String reason, Throwable cause) {
        super(field.isEmpty() ? reason : field + " " + reason, cause);
        this.field = field;
        this.reason = reason;
    }

    /** The same fault, its field named from the element that contains it. */
    public InvalidOrderException within(String path) {
        return new InvalidOrderException(field.isEmpty() ? path : path + "." + field, reason, this);
    }

    public String field() {
        return field;
    }
}
