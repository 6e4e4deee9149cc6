package io.onlyonce.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.onlyonce.client.ingest.model.Accepted;
import io.onlyonce.client.ingest.model.Batch;
import io.onlyonce.client.ingest.model.Change;
import io.onlyonce.client.ingest.model.OrderDraft;
import io.onlyonce.client.ingest.model.OrderItem;
import io.onlyonce.launcher.stack.StackStatus;
import io.onlyonce.launcher.stack.StackStatus.Row;
import io.onlyonce.launcher.stack.TemporaryStack;
import io.onlyonce.platform.Component;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.RunContext;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.verifier.ComponentName;
import io.onlyonce.verifier.SystemUnderTest;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests the whole system, as processes, through its public interfaces. */
class EndToEndIT {
    private static final int ORDERS = 300;
    private static final int DUPLICATE_EVERY = 10;
    private static final Duration TIMEOUT = Duration.ofSeconds(120);

    private static TemporaryStack temporary;
    private static SystemUnderTest system;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void up() {
        temporary = new TemporaryStack(false, RunContext.Purpose.NORMAL);
        temporary.stack().up((component, duration) -> {});
        system = temporary.stack().systemUnderTest();
    }

    @AfterAll
    static void down() {
        temporary.close();
    }

    @Test
    void every_order_is_stored_once_although_the_stream_was_killed_and_some_orders_were_sent_twice() throws Exception {
        Component stream = temporary.stack().component(ComponentName.CONSUMER);
        Map<String, BigDecimal> sent = new TreeMap<>();
        for (int i = 0; i < ORDERS; i++) {
            String id = "e2e-%03d".formatted(i);
            BigDecimal total = BigDecimal.valueOf(i * 7L + 1, 2);
            sent.put(id, total);
            order(id, total);
            if (i % DUPLICATE_EVERY == 0) {
                order(id, total);
            }
            if (i == ORDERS / 3) {
                stream.stop(TerminationStyle.ABRUPT);
                assertThat(stream.isAlive()).isFalse();
            }
            if (i == 2 * ORDERS / 3) {
                stream.start();
            }
        }

        await().atMost(TIMEOUT).untilAsserted(() -> {
            assertThat(rows("SELECT order_id, total_amount FROM orders WHERE order_id LIKE 'e2e-%'"))
                    .containsExactlyInAnyOrderElementsOf(entries(sent));
            assertThat(column("SELECT order_id FROM processed_messages WHERE order_id LIKE 'e2e-%'"))
                    .containsExactlyInAnyOrderElementsOf(sent.keySet());
            assertThat(column("SELECT order_id FROM duplicate_messages WHERE order_id LIKE 'e2e-%'"))
                    .hasSize(ORDERS / DUPLICATE_EVERY);
        });
        assertThat(get(system.api(), "/audit").body()).contains("\"verdict\":\"ok\"");
        await().atMost(TIMEOUT)
                .untilAsserted(
                        () -> assertThat(get(system.api(), "/kafka/lag").body()).contains("\"total_lag\":0"));
    }

    @Test
    void amounts_and_names_are_stored_exactly() throws Exception {
        post("""
                {"order_id":"exact-1","customer_id":"José","items":[{"name":"Käse 🧀","quantity":3,"price":0.10}],\
                "total_amount":0.30}""");
        post("""
                {"order_id":"exact-2","customer_id":"c","items":[{"name":"注文","quantity":1,"price":99999999.99}],\
                "total_amount":99999999.99}""");
        await().atMost(TIMEOUT).untilAsserted(() -> {
            assertThat(get(system.api(), "/orders/exact-1").body())
                    .contains("\"price\":0.10", "\"total_amount\":0.30", "Käse 🧀", "José");
            assertThat(get(system.api(), "/orders/exact-2").body())
                    .contains("\"price\":99999999.99", "\"total_amount\":99999999.99", "注文");
        });
    }

    @Test
    void an_invalid_order_is_rejected_with_the_name_of_the_field() throws Exception {
        HttpResponse<String> answer = send(
                "{\"customer_id\":\"c\",\"items\":[{\"name\":\"x\",\"quantity\":0,\"price\":1}],\"total_amount\":1}");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
        assertThat(answer.body()).contains("items[0].quantity");
    }

    @Test
    @Tag("soak")
    void the_status_names_a_frozen_database_and_every_component_that_needs_a_dead_broker() throws Exception {
        Component postgres = temporary.stack().component(ComponentName.POSTGRES);
        postgres.freeze();
        try {
            assertThat(status(ComponentName.POSTGRES))
                    .returns("running", Row::state)
                    .matches(row -> !row.isHealthy());
        } finally {
            postgres.thaw();
        }

        Component kafka = temporary.stack().component(ComponentName.KAFKA);
        ProcessHandle.of(kafka.pid()).orElseThrow().destroyForcibly();
        await().atMost(TIMEOUT).untilAsserted(() -> {
            StackStatus status = StackStatus.of(temporary.stack());
            assertThat(status.rows())
                    .filteredOn(Row::isHealthy)
                    .extracting(Row::name)
                    .containsExactly(ComponentName.POSTGRES);
            assertThat(status.isHealthy()).isFalse();
        });
        assertThat(status(ComponentName.KAFKA).state()).isEqualTo("failed");
        assertThat(status(ComponentName.KAFKA).health()).startsWith("stopped unexpectedly: ");

        kafka.start();
        await().atMost(TIMEOUT)
                .untilAsserted(() ->
                        assertThat(StackStatus.of(temporary.stack()).rows()).allMatch(Row::isHealthy));
    }

    /** The documents are the input of generators of clients. `acceptance/openapi --update` writes them. */
    @Test
    void the_openapi_documents_in_the_repository_are_those_of_the_services() throws Exception {
        Map<String, URI> services =
                Map.of("ingest-api", system.producer(), "order-stream", system.consumer(), "query-api", system.api());
        JsonMapper json = new JsonMapper();
        for (var service : services.entrySet()) {
            Path file = ProjectHome.locate().root().resolve("docs/openapi/" + service.getKey() + ".json");
            assertThat(json.readTree(get(service.getValue(), "/v3/api-docs").body()))
                    .as(service.getKey())
                    .isEqualTo(json.readTree(Files.readString(file)));
        }
    }

    /** The clients are generated from the documents, see pom.xml. */
    @Test
    void clients_that_are_generated_from_the_openapi_documents_make_the_calls_of_the_demo() throws Exception {
        var ingest = new io.onlyonce.client.ingest.ApiClient();
        ingest.updateBaseUri(system.producer().toString());
        var query = new io.onlyonce.client.query.ApiClient();
        query.updateBaseUri(system.api().toString());
        var stream = new io.onlyonce.client.stream.ApiClient();
        stream.updateBaseUri(system.consumer().toString());
        var orders = new io.onlyonce.client.ingest.OrdersApi(ingest);
        var stored = new io.onlyonce.client.query.OrdersApi(query);

        Accepted accepted = orders.createOrder(draft("client-1"), null);
        assertThat(accepted.getOrderId()).isEqualTo("client-1");
        assertThat(accepted.getDeliveryMode()).isEqualTo(Accepted.DeliveryModeEnum.EXACTLY_ONCE);
        assertThat(orders.createOrders(
                                new Batch().orders(List.of(draft("client-2"), draft("client-3"))), "client-batch")
                        .getCount())
                .isEqualTo(2);
        assertThat(orders.simulateDuplicate(draft("client-4"), 3, null).getAttempts())
                .hasSize(3);
        assertThatThrownBy(() -> orders.createOrder(draft("client-5").totalAmount(BigDecimal.valueOf(-1)), null))
                .isInstanceOfSatisfying(
                        io.onlyonce.client.ingest.ApiException.class,
                        problem -> assertThat(problem.getCode()).isEqualTo(400));
        var ingestConfig = new io.onlyonce.client.ingest.AdministrationApi(ingest);
        assertThat(ingestConfig.changeConfig(new Change().enableTransactions(true)))
                .isEqualTo(ingestConfig.getConfig());
        var streamConfig = new io.onlyonce.client.stream.AdministrationApi(stream);
        var noFailures = new io.onlyonce.client.stream.model.Change().failureRate(0.0);
        assertThat(streamConfig.changeConfig(noFailures).getEnableIdempotency()).isTrue();

        await().atMost(TIMEOUT)
                .ignoreExceptionsMatching(EndToEndIT::isNotStoredYet)
                .untilAsserted(() -> {
                    assertThat(stored.getOrder("client-1").getTotalAmount()).isEqualByComparingTo("0.30");
                    assertThat(stored.getOrder("client-4").getRejectedDuplicates())
                            .hasSize(2);
                });
        assertThat(stored.listOrders(10, 0, "client", null).getTotal()).isEqualTo(4);
        var statistics = new io.onlyonce.client.query.StatisticsApi(query);
        assertThat(statistics.getStats(60).getDuplicatesRejected()).isGreaterThanOrEqualTo(2);
        assertThat(statistics.getDuplicates(60).getIdempotencyWorking()).isTrue();
        assertThat(new io.onlyonce.client.query.AuditApi(query).audit(60).getDuplicated())
                .isZero();
        assertThat(new io.onlyonce.client.query.KafkaApi(query).getLag().getConsumerGroups())
                .isNotEmpty();
    }

    private static boolean isNotStoredYet(Throwable failure) {
        return failure instanceof io.onlyonce.client.query.ApiException problem && problem.getCode() == 404;
    }

    private static OrderDraft draft(String id) {
        return new OrderDraft()
                .orderId(id)
                .customerId("client")
                .items(List.of(new OrderItem().name("Käse").quantity(3).price(new BigDecimal("0.10"))))
                .totalAmount(new BigDecimal("0.30"));
    }

    private static Row status(ComponentName name) throws InterruptedException {
        return StackStatus.of(temporary.stack()).rows().stream()
                .filter(row -> row.name() == name)
                .findFirst()
                .orElseThrow();
    }

    private void order(String id, BigDecimal total) throws IOException, InterruptedException {
        post(
                "{\"order_id\":\"%s\",\"customer_id\":\"c\",\"items\":[{\"name\":\"x\",\"quantity\":1,\"price\":%s}],\"total_amount\":%s}"
                        .formatted(id, total, total));
    }

    private void post(String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private HttpResponse<String> send(String body) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(system.producer().resolve("/orders"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> get(URI service, String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(service.resolve(path)).build(), BodyHandlers.ofString());
    }

    private static List<String> entries(Map<String, BigDecimal> orders) {
        return orders.entrySet().stream()
                .map(order -> order.getKey() + " " + order.getValue())
                .toList();
    }

    private static List<String> column(String sql) throws SQLException {
        return select(sql, 1);
    }

    private static List<String> rows(String sql) throws SQLException {
        return select(sql, 2);
    }

    private static List<String> select(String sql, int columns) throws SQLException {
        try (Connection connection = DriverManager.getConnection(system.jdbcUrl(), system.user(), system.password());
                ResultSet result = connection.createStatement().executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(columns == 1 ? result.getString(1) : result.getString(1) + " " + result.getString(2));
            }
            return rows;
        }
    }
}
