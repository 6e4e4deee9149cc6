package io.onlyonce.bench.http;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** A request that creates an order, formatted once. Requests differ only in their order_id, whose length is constant. */
final class OrderRequest {
    private static final int COUNTER_DIGITS = 12;

    private final byte[] bytes;
    private final int counterIndex;
    private final String idPrefix;
    private long counter;

    OrderRequest(URI target) {
        // Random, so that no two instances send the same order_id.
        idPrefix = "%08x-0000-4000-8000-".formatted(ThreadLocalRandom.current().nextInt());
        String id = idPrefix + "0".repeat(COUNTER_DIGITS);
        // The record in the topic also has a created_at, and about 260 bytes.
        String body = """
                {"order_id":"%s","customer_id":"customer-48213","items":[{"name":"Widget Pro","quantity":2,\
                "price":49.99},{"name":"Gadget","quantity":1,"price":10.00}],"total_amount":109.98}""".formatted(id);
        String head = """
                POST %s HTTP/1.1\r
                Host: %s\r
                Content-Type: application/json\r
                Content-Length: %d\r
                \r
                """.formatted(target.getPath(), target.getAuthority(), body.length());
        bytes = (head + body).getBytes(StandardCharsets.US_ASCII);
        counterIndex = (head + body).indexOf(id) + idPrefix.length();
    }

    int length() {
        return bytes.length;
    }

    /** @return the order_id of the request */
    String writeNext(ByteBuffer out) {
        String digits = HexFormat.of().toHexDigits(counter++, COUNTER_DIGITS);
        out.clear()
                .put(bytes)
                .put(counterIndex, digits.getBytes(StandardCharsets.US_ASCII))
                .flip();
        return idPrefix + digits;
    }
}
