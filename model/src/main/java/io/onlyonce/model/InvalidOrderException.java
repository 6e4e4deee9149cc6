package io.onlyonce.model;

import java.util.regex.Pattern;

/** An order that breaks a rule of the contract. At the edge it becomes a 400, inside a dead letter. */
public final class InvalidOrderException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Longer than any name of the contract; the text comes from outside, and goes into headers, answers and the log. */
    private static final int MAX_TEXT_LENGTH = 300;

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

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
        super(field.isEmpty() ? printable(reason) : printable(field) + " " + printable(reason), cause);
        this.field = printable(field);
        this.reason = printable(reason);
    }

    private static String printable(String text) {
        String cut = text.length() <= MAX_TEXT_LENGTH ? text : text.substring(0, MAX_TEXT_LENGTH) + "…";
        return CONTROL.matcher(cut).replaceAll("?");
    }

    /** The same fault, its field named from the element that contains it. */
    public InvalidOrderException within(String path) {
        return new InvalidOrderException(field.isEmpty() ? path : path + "." + field, reason, this);
    }

    public String field() {
        return field;
    }
}
