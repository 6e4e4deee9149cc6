package io.onlyonce.bench.http;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A request that places an order, laid out once: only its order_id changes from one to the next, and always has the same
 * length.
 */
final class OrderRequest {
    private static final int COUNTER_DIGITS = 12;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes;
    private final int idAt;
    private final String idPrefix;
    private long counter;

    OrderRequest(URI target) {
        // Of a random run, so that no two ever send the same id.
        idPrefix = "%08x-0000-4000-8000-".formatted(ThreadLocalRandom.current().nextInt());
        String id = idPrefix + "0".repeat(COUNTER_DIGITS);
        // As a record in the topic, which adds created_at, about 260 bytes.
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
        idAt = (head + body).indexOf(id) + idPrefix.length();
    }

    int length() {
        return bytes.length;
    }

    /** @return the number of the order, from which {@link #id} tells its order_id */
    long writeNext(ByteBuffer out) {
        long number = counter++;
        for (int digit = 0; digit < COUNTER_DIGITS; digit++) {
            bytes[idAt + digit] = HEX[(int) (number >>> (4 * (COUNTER_DIGITS - 1 - digit))) & 15];
        }
        out.clear().put(bytes).flip();
        return number;
    }

    String id(long number) {
        return idPrefix + "%012x".formatted(number);
    }
}
