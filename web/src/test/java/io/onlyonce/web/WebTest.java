package io.onlyonce.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@SpringBootTest(
        classes = WebTest.Service.class,
        properties = {
            "spring.config.import=classpath:web.yaml",
            "onlyonce.service=producer",
            "onlyonce.admin-token=secret",
            "management.endpoints.web.exposure.include=prometheus"
        })
@AutoConfigureMockMvc
class WebTest {
    private static final AtomicReference<String> PROBLEM = new AtomicReference<>();

    @SpringBootApplication
    @RestController
    static class Service {
        record Amount(int value) {}

        @Bean
        HealthCheck check() {
            return () -> Optional.ofNullable(PROBLEM.get());
        }

        @GetMapping("/amount")
        Amount amount() {
            return new Amount(1);
        }

        @GetMapping("/list")
        Amount list(@RequestParam(defaultValue = "7") int limit) {
            return new Amount(limit);
        }

        @PostMapping("/orders")
        Amount order(@RequestBody Amount amount) {
            return amount;
        }

        @PostMapping("/guarded")
        @Guarded
        Amount guarded(@RequestBody Amount amount) {
            if (amount.value() < 0) {
                throw new IllegalArgumentException("value is negative");
            }
            if (amount.value() == 0) {
                throw new IllegalStateException("an internal detail");
            }
            return amount;
        }
    }

    @Autowired
    private MockMvcTester mvc;

    @Test
    void health_is_ok_until_a_check_finds_a_problem() {
        assertThat(mvc.get().uri("/health"))
                .hasStatusOk()
                .bodyJson()
                .isStrictlyEqualTo("{\"status\":\"ok\",\"service\":\"producer\"}");
        PROBLEM.set("no broker");
        assertThat(mvc.get().uri("/health"))
                .hasStatus(503)
                .hasContentType(MediaType.APPLICATION_PROBLEM_JSON)
                .bodyJson()
                .extractingPath("$.detail")
                .isEqualTo("no broker");
        PROBLEM.set(null);
    }

    @Test
    void an_empty_number_is_rejected_instead_of_replaced_by_the_default() {
        assertThat(mvc.get().uri("/list").header(HttpHeaders.AUTHORIZATION, "Bearer secret"))
                .hasStatusOk()
                .bodyJson()
                .isStrictlyEqualTo("{\"value\":7}");
        assertThat(mvc.get().uri("/list?limit=").header(HttpHeaders.AUTHORIZATION, "Bearer secret"))
                .hasStatus(400)
                .bodyJson()
                .extractingPath("$.detail")
                .isEqualTo("limit must not be empty");
    }

    @Test
    void a_guarded_endpoint_requires_the_token() {
        assertThat(mvc.post()
                        .uri("/guarded")
                        .contentType(MediaType.APPLICATION_JSON)
                        .content("{\"value\":1}"))
                .hasStatus(401)
                .hasContentType(MediaType.APPLICATION_PROBLEM_JSON);
        assertThat(post("{\"value\":1}")).hasStatusOk();
    }

    @Test
    void a_reading_endpoint_requires_the_token() {
        assertThat(mvc.get().uri("/amount")).hasStatus(401).hasHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        assertThat(mvc.head().uri("/amount")).hasStatus(401);
        assertThat(mvc.get().uri("/amount").header(HttpHeaders.AUTHORIZATION, "Bearer secret2"))
                .hasStatus(401);
        assertThat(mvc.get().uri("/amount").header(HttpHeaders.AUTHORIZATION, "Bearer secret"))
                .hasStatusOk();
        assertThat(mvc.get().uri("/amount").header(HttpHeaders.AUTHORIZATION, "bearer secret"))
                .hasStatusOk();
    }

    @Test
    void health_metrics_descriptions_and_orders_require_no_token() {
        for (String path : List.of("/health", "/actuator/prometheus", "/v3/api-docs", "/swagger-ui/index.html")) {
            assertThat(mvc.get().uri(path)).as(path).hasStatusOk();
        }
        assertThat(mvc.post()
                        .uri("/orders")
                        .contentType(MediaType.APPLICATION_JSON)
                        .content("{\"value\":1}"))
                .hasStatusOk();
    }

    @Test
    void a_guarded_endpoint_rejects_pages_of_other_sites() {
        assertThat(post("{\"value\":1}").header("Sec-Fetch-Site", "cross-site")).hasStatus(403);
        assertThat(post("{\"value\":1}").header("Sec-Fetch-Site", "same-origin"))
                .hasStatusOk();
    }

    @Test
    void an_error_is_a_problem_with_its_reason() {
        assertThat(post("{\"value\":-1}"))
                .hasStatus(400)
                .bodyJson()
                .extractingPath("$.detail")
                .isEqualTo("value is negative");
        assertThat(post("{\"value\":")).hasStatus(400).hasContentType(MediaType.APPLICATION_PROBLEM_JSON);
        assertThat(post("{\"value\":0}")).hasStatus(500).bodyText().doesNotContain("internal detail");
        assertThat(mvc.get().uri("/nowhere")).hasStatus(404).hasContentType(MediaType.APPLICATION_PROBLEM_JSON);
    }

    /** The error would be sent after the request had taken effect. */
    @Test
    void an_accept_header_never_causes_an_error() {
        assertThat(post("{\"value\":1}").header(HttpHeaders.ACCEPT, "text/plain"))
                .hasStatusOk()
                .hasContentType(MediaType.APPLICATION_JSON);
        assertThat(post("{\"value\":1}").header(HttpHeaders.ACCEPT, "no media type"))
                .hasStatusOk();
    }

    private MockMvcTester.MockMvcRequestBuilder post(String body) {
        return mvc.post()
                .uri("/guarded")
                .header(HttpHeaders.AUTHORIZATION, "Bearer secret")
                .contentType(MediaType.APPLICATION_JSON)
                .content(body);
    }
}
