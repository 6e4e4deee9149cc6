package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import org.junit.jupiter.api.Test;

/** Here no producer and no consumer runs. */
class ConsoleIT extends QueryApiIT {
    @Test
    void the_console_is_one_page_that_needs_nothing_from_elsewhere() {
        Api.Response page = get("/");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.type()).startsWith("text/html");
        assertThat(page.text() + get("/console.js").text() + get("/console.css").text())
                .doesNotContain("http://")
                .doesNotContain("https://");
    }

    @Test
    void a_part_that_does_not_run_is_said_not_to() {
        Api.Response config = get("/console/consumer/config");
        assertThat(config.status()).isEqualTo(503);
        assertThat(config.at("/detail").asString()).isEqualTo("the consumer is not running");
        assertThat(get("/health").status())
                .as("which is no fault of this service")
                .isEqualTo(200);
    }

    @Test
    void only_the_consoles_own_calls_are_passed_on_and_only_to_its_own_page() {
        assertThat(post("/console/producer/intake/pause").status()).isEqualTo(404);
        assertThat(get("/console/connect/connectors").status()).isEqualTo(404);
        assertThat(api().send(
                                HttpRequest.newBuilder()
                                        .header("Sec-Fetch-Site", "cross-site")
                                        .POST(HttpRequest.BodyPublishers.noBody()),
                                "/console/consumer/simulate/crash")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void the_api_page_is_where_the_console_and_the_other_services_have_it() {
        assertThat(get("/").text()).contains("href=\"docs\"");
        Api.Response docs = get("/docs");
        assertThat(docs.status()).as("a redirect to the page itself").isEqualTo(302);
    }

    @Test
    void the_api_describes_itself() {
        assertThat(get("/v3/api-docs").at("/paths").propertyNames())
                .contains("/stats", "/orders/{orderId}", "/kafka/lag", "/audit", "/reset", "/health")
                .doesNotContain("/console/**");
    }
}
