package io.onlyonce.model;

import java.util.List;

/** A field or a record violates the contract. The HTTP response is 400; the stream writes a dead letter. */
public final class InvalidOrderException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Limits the text, which can come from a client, in headers, responses and the log. */
    private static final int MAX_TEXT_LENGTH = 300;

    /** Not empty. The message describes the first error. */
    private final transient List<FieldError> errors;

    /** @param field JSON path, for example {@code items[2].price}; empty for the complete record */
    public record FieldError(String field, String detail) {
        /** @return the error with the path of the enclosing element in front of the field */
        FieldError within(String path) {
            return new FieldError(field.isEmpty() ? path : path + "." + field, detail);
        }

        private String text() {
            return field.isEmpty() ? detail : field + " " + detail;
        }
    }

    /**
     * @param field JSON path of the field, for example {@code items[2].price}; empty for the complete record
     * @param reason completes a sentence that starts with the field, for example "is missing"
     */
    public InvalidOrderException(String field, String reason) {
        this(field, reason, null);
    }

    InvalidOrderException(String field, String reason, Throwable cause) {
        this(List.of(new FieldError(printable(field), printable(reason))), cause);
    }

    private InvalidOrderException(List<FieldError> errors, Throwable cause) {
        super(errors.getFirst().text(), cause);
        this.errors = List.copyOf(errors);
    }

    /** @param invalid at least one exception; the first determines the message */
    static InvalidOrderException all(List<InvalidOrderException> invalid) {
        return new InvalidOrderException(
                invalid.stream().flatMap(e -> e.errors.stream()).distinct().toList(), invalid.getFirst());
    }

    private static String printable(String text) {
        String cut = text.length() <= MAX_TEXT_LENGTH ? text : text.substring(0, MAX_TEXT_LENGTH) + "…";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }

    /** Returns the same errors with the path of the enclosing element in front of each field. */
    public InvalidOrderException within(String path) {
        return new InvalidOrderException(
                errors.stream().map(error -> error.within(path)).toList(), this);
    }

    /** The field that the message describes. */
    public String field() {
        return errors.getFirst().field();
    }

    /** All invalid fields that are known, at least one. */
    public List<FieldError> errors() {
        return errors;
    }
}
