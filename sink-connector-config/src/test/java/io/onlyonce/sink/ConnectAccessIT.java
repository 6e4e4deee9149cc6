package io.onlyonce.sink;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The worker's REST API has no password, so that a web page could use it through the browser of an operator. */
class ConnectAccessIT {
    private static final String RESTART = "/connectors/any-sink/restart?onlyFailed=true";

    private final SinkStack stack = SinkStack.shared();
    private final URI worker = stack.platform().connectUrl();
    private final String host = worker.getAuthority();

    @ParameterizedTest
    @ValueSource(strings = {"GET /connectors", "GET /", "POST " + RESTART, "GET /nothing"})
    void a_foreign_host_is_rejected(String request) throws IOException {
        assertThat(send(request, "Host: evil.example"))
                .startsWith("HTTP/1.1 403")
                .contains("\"error_code\":403");
    }

    @ParameterizedTest
    @CsvSource({
        "GET /connectors, http://evil.example",
        "POST " + RESTART + ", http://evil.example",
        "POST " + RESTART + ", null"
    })
    void a_foreign_origin_is_rejected(String request, String origin) throws IOException {
        assertThat(send(request, "Host: " + host, "Origin: " + origin)).startsWith("HTTP/1.1 403");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"})
    void the_content_of_a_form_is_rejected(String type) throws IOException {
        assertThat(send("POST " + RESTART, "Host: " + host, "Content-Type: " + type))
                .startsWith("HTTP/1.1 415");
    }

    @Test
    void clients_of_this_machine_are_accepted() throws IOException {
        assertThat(send("GET /connectors", "Host: localhost:" + worker.getPort()))
                .startsWith("HTTP/1.1 200");
        assertThat(send("GET /connectors", "Host: " + host, "Origin: http://" + host))
                .startsWith("HTTP/1.1 200");
        String restart = "/connectors/" + stack.sink().ordersConnector() + "/restart?onlyFailed=true";
        assertThat(send("POST " + restart, "Host: " + host)).startsWith("HTTP/1.1 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/config", "/tasks", "/status"})
    void no_response_contains_the_password_of_the_database(String path) {
        for (String connector : stack.sink().connectors()) {
            String body =
                    stack.connect("GET", "/connectors/" + connector + path, "").body();
            assertThat(body)
                    .doesNotContain(
                            "\"connection.password\":\"" + stack.database().password() + "\"");
            if (!path.equals("/status")) {
                assertThat(body).contains("\"connection.password\":\"${env:DATABASE_PASSWORD}\"");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"validate", "validate/", "validate;a=b"})
    void the_validation_does_not_return_the_value_of_a_placeholder(String operation) {
        String plugin = Connectors.config(stack.sink().ordersConnector()).get("connector.class");
        String config = new JsonMapper()
                .writeValueAsString(Connectors.config(stack.sink().ordersConnector()));
        HttpResponse<String> response =
                stack.connect("PUT", "/connector-plugins/" + plugin + "/config/" + operation, config);
        assertThat(response.body())
                .doesNotContain("\"value\":\"" + stack.database().password() + "\"");
        assertThat(response.statusCode()).isEqualTo(403);
    }

    /** Without an HTTP client, because the JDK's client does not let a program set the Host header. */
    private String send(String request, String... headers) throws IOException {
        String text = request + " HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n" + String.join("\r\n", headers)
                + "\r\n\r\n";
        try (Socket socket = new Socket(worker.getHost(), worker.getPort())) {
            socket.getOutputStream().write(text.getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
