package io.onlyonce.bench.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** The subset of HTTP/1.1 that {@link HttpLoad} needs: the status, the end of the body, and Connection: close. */
record Response(int status, boolean closesConnection) {
    private static final String CONTENT_LENGTH = "\r\ncontent-length: ";
    private static final String LAST_CHUNK = "0\r\n\r\n";

    /**
     * @param buffer from 0 to its position, the bytes received since the request; is not modified
     * @return empty if the response is not complete yet
     * @throws IllegalStateException if the bytes are not an HTTP/1.1 response
     */
    static Optional<Response> parse(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.position()];
        buffer.get(0, bytes);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int endOfHead = text.indexOf("\r\n\r\n");
        if (endOfHead < 0) {
            return Optional.empty();
        }
        if (!text.startsWith("HTTP/1.1 ")) {
            throw new IllegalStateException("not an HTTP/1.1 response: " + text);
        }
        String head = text.substring(0, endOfHead + 2).toLowerCase(Locale.ROOT);
        String body = text.substring(endOfHead + 4);
        // The chunks hold JSON without line breaks, so LAST_CHUNK cannot be part of one.
        boolean complete = head.contains("\r\ntransfer-encoding: chunked\r\n")
                ? body.endsWith("\r\n" + LAST_CHUNK) || body.equals(LAST_CHUNK)
                : body.length() >= contentLength(head);
        if (!complete) {
            return Optional.empty();
        }
        int status = Integer.parseInt(head, 9, 12, 10);
        return Optional.of(new Response(status, head.contains("\r\nconnection: close\r\n")));
    }

    private static int contentLength(String head) {
        int header = head.indexOf(CONTENT_LENGTH);
        int value = header + CONTENT_LENGTH.length();
        return header < 0 ? 0 : Integer.parseInt(head, value, head.indexOf('\r', value), 10);
    }
}
