package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** In this test, neither the producer nor the consumer is running. */
class ConsoleIT extends QueryApiIT {
    @Test
    void the_console_loads_nothing_from_other_hosts() {
        Api.Response page = get("/");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.type()).startsWith("text/html");
        List<String> modules = List.of(
                "page", "store", "flow", "components", "plots", "order", "rejected", "table", "actions", "story");
        String scripts = modules.stream()
                .map(name -> get("/console/" + name + ".js"))
                .map(Api.Response::text)
                .collect(Collectors.joining());
        assertThat(scripts).contains("uPlot.esm.js");
        assertThat(get("/webjars/uplot/1.6.30/dist/uPlot.esm.js").status()).isEqualTo(200);
        assertThat(page.text() + scripts + get("/console.css").text())
                .doesNotContain("http://")
                .doesNotContain("https://");
    }

    @Test
    void a_service_that_is_not_running_is_data_and_not_a_failed_request() {
        Api.Response response = post("/console/consumer/simulate/crash");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.at("/status").intValue()).isEqualTo(503);
        assertThat(response.at("/body").asString()).contains("the consumer is not running");
        try (var connect = StubServer.runningConnect()) {
            await().untilAsserted(() -> assertThat(get("/health").status())
                    .as("health of this service")
                    .isEqualTo(200));
        }
    }

    @Test
    void a_missing_order_is_data_and_not_a_failed_request() {
        Api.Response response = get("/console/api/orders/no-such-order");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.at("/status").intValue()).isEqualTo(404);
        assertThat(response.at("/body").asString()).contains("no-such-order does not exist");
        Api.Response records = get("/console/api/orders/no%2Fsuch/records");
        assertThat(records.at("/status").intValue()).isEqualTo(404);
        assertThat(records.at("/body").asString()).contains("no/such does not exist");
    }

    @Test
    void only_requests_of_the_console_from_the_same_origin_are_forwarded() {
        assertThat(post("/console/producer/intake/pause").status()).isEqualTo(404);
        assertThat(get("/console/connect/connectors").status()).isEqualTo(404);
        assertThat(get("/console/consumer/config").status()).isEqualTo(405);
        assertThat(api().post("/console/nothing", "{}").status()).isEqualTo(404);
        assertThat(api().send(
                                HttpRequest.newBuilder()
                                        .header("Sec-Fetch-Site", "cross-site")
                                        .POST(HttpRequest.BodyPublishers.noBody()),
                                "/console/consumer/simulate/crash")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void the_link_to_the_api_page_is_valid() {
        assertThat(get("/").text()).contains("href=\"docs\"");
        Api.Response docs = get("/docs");
        assertThat(docs.status()).as("redirect to the page").isEqualTo(302);
    }

    @Test
    void only_pages_of_the_documentation_are_served() throws IOException {
        Path folder = Servers.platform().directory();
        Files.writeString(folder.resolve("operations.md"), "# Operations ✓");
        Files.writeString(folder.resolve("secret.txt"), "secret");
        Api.Response page = get("/runbook/operations.md");
        assertThat(page.type()).isEqualTo("text/plain;charset=UTF-8");
        assertThat(page.text()).isEqualTo("# Operations ✓");
        for (String path : List.of("unknown.md", "secret.txt", "..%2Fsecret.md", "%2e%2e%2foperations.md", ".md")) {
            assertThat(get("/runbook/" + path).status()).as(path).isBetween(400, 404);
        }
    }

    @Test
    void the_openapi_description_lists_the_public_endpoints() {
        assertThat(get("/v3/api-docs").at("/paths").propertyNames())
                .contains(
                        "/stats",
                        "/orders/{order_id}",
                        "/kafka/lag",
                        "/audit",
                        "/reset",
                        "/health",
                        "/events",
                        "/events/history")
                .doesNotContain("/console/**");
    }
}
