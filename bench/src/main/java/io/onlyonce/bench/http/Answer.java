package io.onlyonce.bench.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** As much of HTTP/1.1 as it takes to see whether an answer is whole, what its status is, and what comes after it. */
sealed interface Answer {
    /** More has to arrive. */
    record Partial() implements Answer {}

    /** @param closing the server ends the connection after it */
    record Whole(int status, boolean closing) implements Answer {}

    Partial PARTIAL = new Partial();

    /**
     * @param buffer with all that has arrived since the request, from 0 to its position; left as it is
     * @throws IllegalStateException where it is no HTTP
     */
    static Answer in(ByteBuffer buffer) {
        int end = buffer.position();
        int body = endOfHead(buffer, end);
        if (body < 0) {
            return PARTIAL;
        }
        String head = text(buffer, 0, body);
        if (!head.startsWith("HTTP/1.1 ")) {
            throw new IllegalStateException("no HTTP/1.1: " + head);
        }
        String lowerCase = head.toLowerCase(Locale.ROOT);
        boolean whole = lowerCase.contains("\r\ntransfer-encoding: chunked\r\n")
                ? isWholeChunked(buffer, body, end)
                : end - body >= contentLength(lowerCase);
        return whole
                ? new Whole(Integer.parseInt(head, 9, 12, 10), lowerCase.contains("\r\nconnection: close\r\n"))
                : PARTIAL;
    }

    private static int endOfHead(ByteBuffer buffer, int end) {
        for (int i = 3; i < end; i++) {
            if (buffer.get(i) == '\n' && buffer.get(i - 1) == '\r' && buffer.get(i - 2) == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private static int contentLength(String head) {
        String name = "\r\ncontent-length: ";
        int at = head.indexOf(name);
        return at < 0 ? 0 : Integer.parseInt(head, at + name.length(), head.indexOf('\r', at + name.length()), 10);
    }

    private static boolean isWholeChunked(ByteBuffer buffer, int from, int end) {
        int at = from;
        while (true) {
            int size = 0;
            int digit = 0;
            while (at < end && (digit = Character.digit(buffer.get(at), 16)) >= 0) {
                size = size * 16 + digit;
                at++;
            }
            // The line's end, the chunk, and the end of that; the last chunk is empty.
            at += 2 + size + 2;
            if (at > end) {
                return false;
            }
            if (size == 0) {
                return true;
            }
        }
    }

    private static String text(ByteBuffer buffer, int from, int to) {
        byte[] bytes = new byte[to - from];
        buffer.get(from, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
