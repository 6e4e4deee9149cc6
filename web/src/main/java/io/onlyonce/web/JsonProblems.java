package io.onlyonce.web;

import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Describes why Jackson cannot read a body. Jackson's own messages contain the names of Java classes. */
final class JsonProblems {
    private JsonProblems() {}

    static String reason(JacksonException e) {
        return switch (e) {
            case UnrecognizedPropertyException unknown ->
                "%s is not a field. The fields are %s"
                        .formatted(
                                path(unknown),
                                unknown.getKnownPropertyIds().stream()
                                        .map(Object::toString)
                                        .sorted()
                                        .collect(Collectors.joining(", ")));
            case MismatchedInputException mismatch ->
                "%s must be %s".formatted(path(mismatch), expected(mismatch.getTargetType()));
            case DatabindException invalid -> path(invalid) + " is not valid";
            default -> "The body is not valid JSON: " + e.getOriginalMessage();
        };
    }

    /** The JSON path of the invalid field, for example {@code items[2].price}. */
    private static String path(JacksonException e) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference reference : e.getPath()) {
            if (reference.getPropertyName() == null) {
                path.append('[').append(reference.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(reference.getPropertyName());
            }
        }
        return path.isEmpty() ? "The body" : path.toString();
    }

    private static String expected(Class<?> type) {
        if (type == String.class) {
            return "a string";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (type == Double.class || type == double.class) {
            return "a number";
        }
        return type != null && (Number.class.isAssignableFrom(type) || type.isPrimitive())
                ? "a whole number"
                : "a JSON object";
    }
}
