package io.onlyonce.query.parts;

/** What a part answered, whatever the status says. */
public record Answer(int status, String contentType, byte[] body) {
    public boolean isSuccess() {
        return status / 100 == 2;
    }

    public String text() {
        return new String(body, java.nio.charset.StandardCharsets.UTF_8);
    }
}
