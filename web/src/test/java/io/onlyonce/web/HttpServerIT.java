package io.onlyonce.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.web.server.BodyBudget;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The web layer with a real Tomcat. Raw sockets, because an HTTP client would not send these requests. */
@SpringBootTest(
        classes = HttpServerIT.Service.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "spring.config.import=classpath:web.yaml",
            "onlyonce.service=producer",
            "management.endpoints.web.exposure.include=prometheus",
            "onlyonce.http.body-max-bytes=100KB",
            "onlyonce.http.body-timeout=3s",
            "onlyonce.http.headers-timeout=3s",
            "server.tomcat.connection-timeout=2s",
            "spring.jackson.deserialization.fail-on-unknown-properties=true",
            "spring.jackson.mapper.allow-coercion-of-scalars=false"
        })
@ExtendWith(OutputCaptureExtension.class)
class HttpServerIT {
    @SpringBootApplication
    @RestController
    static class Service {
        record Settings(String mode, Boolean enabled, Integer count) {}

        @PostMapping("/settings")
        Settings change(@RequestBody Settings settings) {
            return settings;
        }

        @PostMapping("/reset")
        String reset() {
            return "{}";
        }

        @GetMapping("/items")
        String items(@RequestParam(defaultValue = "1") int count) {
            return "{}";
        }

        @GetMapping("/state/{id}")
        String state(@PathVariable String id) {
            return id;
        }
    }

    @LocalServerPort
    private int port;

    @Autowired
    private BodyBudget budget;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /items?count=%ff HTTP/1.1 | 400",
                "GET /items?=x HTTP/1.1 | 400",
                "GET /items?count=x HTTP/1.1 | 400",
                "GET /state/a%ffb HTTP/1.1 | 400",
                "GET /state/a%00b HTTP/1.1 | 400",
                "GET /a<b HTTP/1.1 | 400",
                "GET /../.. HTTP/1.1 | 400",
                "GET /%zz HTTP/1.1 | 400",
                "GET /error HTTP/1.1 | 404",
                "TRACE /items HTTP/1.1 | 405",
                "FOO /items HTTP/1.1 | 405",
                "PUT /items HTTP/1.1 | 405",
                "OPTIONS /nothing HTTP/1.1 | 404",
                "GET /items HTTP/9.9 | 505",
                "GARBAGE | 400",
            })
    void a_client_error_is_a_problem_and_is_not_logged(String requestLine, int status, CapturedOutput output)
            throws IOException {
        assertProblem(RawHttp.exchange(port, requestLine), status);
        assertThat(output.getAll()).doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Content-Length: 5\r\nContent-Length: 6", "Bad Header: x", "Transfer-Encoding: zip", "Expect: x"
            })
    void an_invalid_header_is_a_problem(String header) throws IOException {
        assertThat(RawHttp.exchange(port, "POST /settings HTTP/1.1", header))
                .containsPattern("^HTTP/1.1 (4|501)")
                .contains("application/problem+json");
    }

    @Test
    void headers_that_are_too_large_are_a_problem() throws IOException {
        assertProblem(RawHttp.exchange(port, "GET /items HTTP/1.1", "X-Large: " + "x".repeat(9_000)), 400);
    }

    @Test
    void too_many_parameters_are_a_problem(CapturedOutput output) throws IOException {
        assertProblem(RawHttp.exchange(port, "GET /items?" + "a=b&".repeat(1_100) + " HTTP/1.1"), 400);
        assertThat(output.getAll()).doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource({
        "Content-Type: text/plain, 415",
        "Content-Type: multipart/form-data, 415",
        "Content-Type: multipart/form-data; boundary=x, 415",
        "Content-Type: application/x-www-form-urlencoded, 415",
        "Content-Type: nonsense, 415",
        "X-None: 1, 415"
    })
    void a_body_must_be_json(String header, int status) throws IOException {
        for (String path : List.of("/settings", "/reset", "/nothing")) {
            assertProblem(exchangeWithBody("POST " + path, "a=b", header), status);
        }
    }

    @Test
    void a_multipart_request_without_a_body_is_no_server_error() throws IOException {
        assertProblem(RawHttp.exchange(port, "GET /nothing HTTP/1.1", "Content-Type: multipart/form-data"), 404);
        assertProblem(RawHttp.exchange(port, "POST /settings HTTP/1.1", "Content-Type: multipart/form-data"), 415);
    }

    @Test
    void a_compressed_body_is_rejected() throws IOException {
        assertProblem(
                exchangeWithBody("POST /settings", "x", "Content-Type: application/json", "Content-Encoding: gzip"),
                415);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"speed\":1} | speed is not a field. The fields are count, enabled, mode",
                "{\"enabled\":7} | enabled must be true or false",
                "{\"count\":\"x\"} | count must be a whole number",
                "{\"mode\":[]} | mode must be a string",
                "[] | The body must be a JSON object",
                "{\"mode\":\"a\",\"mode\":\"b\"} | The body is not valid JSON: Duplicate Object property \\\"mode\\\"",
                "{\"mode\": | The body is not valid JSON",
            })
    void an_invalid_body_is_described_without_java_names(String body, String detail) throws IOException {
        String response = exchangeWithBody("POST /settings", body, "Content-Type: application/json");
        assertProblem(response, 400);
        assertThat(response).contains(detail).doesNotContain("onlyonce", "java.", "tools.");
    }

    @Test
    void encoded_slashes_and_backslashes_are_part_of_a_path() throws IOException {
        assertThat(RawHttp.exchange(port, "GET /state/a%2Fb HTTP/1.1")).endsWith("a/b");
        assertThat(RawHttp.exchange(port, "GET /state/a%5Cb HTTP/1.1")).endsWith("a\\b");
    }

    @Test
    void options_lists_only_the_methods_of_the_path() throws IOException {
        assertThat(RawHttp.exchange(port, "OPTIONS /settings HTTP/1.1")).contains("Allow: POST,OPTIONS\r\n");
        assertThat(RawHttp.exchange(port, "OPTIONS /items HTTP/1.1")).contains("Allow: GET,HEAD,OPTIONS\r\n");
        assertThat(RawHttp.exchange(port, "OPTIONS /nothing HTTP/1.1")).doesNotContain("Allow:");
    }

    @Test
    void a_body_that_is_too_large_is_rejected_before_it_is_sent() throws IOException {
        try (RawHttp http = new RawHttp(port)) {
            http.send(headers("POST /settings", "Content-Type: application/json", "Content-Length: 200000000"));
            assertProblem(http.readToEnd(), 413);
        }
    }

    @Test
    void the_body_of_an_unknown_path_is_not_awaited() throws IOException {
        try (RawHttp http = new RawHttp(port)) {
            http.send(headers("POST /nothing", "Content-Type: application/json", "Content-Length: 90000"));
            assertProblem(http.readToEnd(), 404);
        }
    }

    @Test
    void a_chunked_body_that_becomes_too_large_is_rejected() throws IOException {
        try (RawHttp http = new RawHttp(port)) {
            http.send(headers("POST /settings", "Content-Type: application/json", "Transfer-Encoding: chunked"));
            http.send("20000\r\n" + "\"" + "x".repeat(0x1ffff) + "\r\n0\r\n\r\n");
            assertProblem(http.readToEnd(), 413);
        }
        assertThat(budget.reserved()).isZero();
    }

    @Test
    void a_rejected_body_that_is_sent_completely_does_not_close_the_connection_before_the_response()
            throws IOException {
        String body = "x".repeat(2_000_000);
        assertProblem(exchangeWithBody("POST /settings", body, "Content-Type: application/json"), 413);
    }

    @Test
    void a_body_is_rejected_while_the_budget_is_exhausted() throws IOException {
        long rest = budget.capacity() - budget.reserved();
        assertThat(budget.reserve(rest, 1)).isTrue();
        try {
            String response = exchangeWithBody("POST /settings", "{}", "Content-Type: application/json");
            assertProblem(response, 503);
            assertThat(response).contains("Retry-After: 1\r\n");
            assertThat(RawHttp.exchange(port, "GET /health HTTP/1.1")).startsWith("HTTP/1.1 200");
        } finally {
            budget.release(rest);
        }
        assertThat(exchangeWithBody("POST /settings", "{}", "Content-Type: application/json"))
                .startsWith("HTTP/1.1 200");
        assertThat(budget.reserved()).isZero();
    }

    @Test
    void a_body_that_stops_is_a_timeout(CapturedOutput output) throws IOException {
        try (RawHttp http = new RawHttp(port)) {
            http.send(headers("POST /settings", "Content-Type: application/json", "Content-Length: 100") + "{");
            assertProblem(http.readToEnd(), 408);
        }
        assertThat(budget.reserved()).isZero();
        assertThat(output.getAll()).doesNotContain("\tat ");
    }

    @Test
    void a_body_of_slow_bytes_is_a_timeout() throws Exception {
        assertLimited(headers("POST /settings", "Content-Type: application/json", "Content-Length: 10000") + "{", " ");
    }

    @Test
    void a_chunked_body_of_slow_bytes_is_a_timeout() throws Exception {
        assertLimited(
                headers("POST /settings", "Content-Type: application/json", "Transfer-Encoding: chunked"),
                "1\r\n \r\n");
    }

    @Test
    void headers_of_slow_bytes_are_a_timeout() throws Exception {
        assertLimited("GET /items HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "x");
    }

    /** Sends the part repeatedly, faster than the limit of a single read. The server must close the connection. */
    private void assertLimited(String start, String part) throws IOException {
        Instant begin = Instant.now();
        try (RawHttp http = new RawHttp(port)) {
            http.send(start);
            while (!http.isClosedWithin(Duration.ofMillis(100))) {
                http.send(part);
                assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(20));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000", "producer:8000", "10.1.2.3"})
    void allowed_hosts(String host) throws IOException {
        assertThat(withHost("GET /items", host)).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil", "1.2.3.4.5"})
    void other_hosts_are_rejected_on_every_path(String host) throws IOException {
        for (String path : List.of("/items", "/health", "/actuator/prometheus", "/v3/api-docs", "/nothing")) {
            assertProblem(withHost("GET " + path, host), 403);
        }
        assertProblem(withHost("POST /reset", host, "Origin: http://" + host), 403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: http://evil.example",
                "Origin: null",
                "Origin: http://localhost:3001",
                "Origin: ::",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site"
            })
    void a_change_from_a_page_of_another_origin_is_rejected(String header) throws IOException {
        assertProblem(withHost("POST /reset", "localhost:8000", header), 403);
        assertThat(withHost("GET /items", "localhost:8000", header)).startsWith("HTTP/1.1 200");
    }

    @Test
    void a_change_from_a_page_of_this_service_is_accepted() throws IOException {
        assertThat(withHost(
                        "POST /reset",
                        "localhost:8000",
                        "Origin: http://localhost:8000",
                        "Sec-Fetch-Site: same-origin"))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void a_repeated_header_that_must_be_unique_is_rejected() throws IOException {
        for (String header : List.of("Idempotency-Key: a", "Authorization: Bearer a", "Origin: http://localhost")) {
            assertProblem(RawHttp.exchange(port, "POST /reset HTTP/1.1", header, header), 400);
        }
    }

    @Test
    void every_response_has_security_headers() throws IOException {
        for (String path : List.of("/items", "/nothing", "/health", "/swagger-ui/index.html")) {
            assertThat(RawHttp.exchange(port, "GET " + path + " HTTP/1.1"))
                    .contains("frame-ancestors 'none'", "X-Content-Type-Options: nosniff");
        }
    }

    private static String headers(String methodAndPath, String... headers) {
        return methodAndPath + " HTTP/1.1\r\nHost: localhost\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
    }

    private String exchangeWithBody(String methodAndPath, String body, String... headers) throws IOException {
        try (RawHttp http = new RawHttp(port)) {
            String lengthAndClose = "Content-Length: " + body.length() + "\r\nConnection: close";
            http.send(headers(methodAndPath, String.join("\r\n", headers), lengthAndClose) + body);
            return http.readToEnd();
        }
    }

    private String withHost(String methodAndPath, String host, String... headers) throws IOException {
        try (RawHttp http = new RawHttp(port)) {
            String all = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
            http.send(methodAndPath + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + all + "\r\n");
            return http.readToEnd();
        }
    }

    private static void assertProblem(String response, int status) {
        assertThat(response)
                .startsWith("HTTP/1.1 " + status)
                .contains("application/problem+json", "\"status\":" + status)
                .doesNotContain("<html");
    }
}
