package io.onlyonce.query.services;

import java.nio.charset.StandardCharsets;

/** An HTTP response with any status. */
public record ServiceResponse(int status, String contentType, byte[] body) {
    public boolean isSuccess() {
        return status / 100 == 2;
    }

    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
