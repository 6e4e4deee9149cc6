package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ServiceProcess;
import io.onlyonce.platform.TerminationStyle;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The service in a process with its usual heap of 256 MiB, and 6,000 orders with 225 MB of items. */
@Tag("slow")
class MemoryIT extends QueryApiIT {
    private ServiceProcess service;

    @BeforeEach
    void start() {
        Map<String, String> environment =
                new HashMap<>(Servers.platform().postgres().clientEnvironment());
        environment.put("KAFKA_BOOTSTRAP_SERVERS", Servers.bootstrapServers());
        environment.put("CONNECT_URL", "http://127.0.0.1:" + Servers.CONNECT_PORT);
        service = new ServiceProcess(
                Servers.platform().context(),
                ServiceProcess.Program.API,
                Ports.free(1).getFirst(),
                environment);
        service.start();
        // Short strings that do not compress to nothing, because PostgreSQL compresses large values.
        // In batches, because of the statement_timeout.
        IntStream.range(0, 12)
                .forEach(batch -> jdbc.sql("""
                INSERT INTO orders
                SELECT 'order-' || n, 'c', items, 1, now(), 'processed', now(), 'consumer-1', 'exactly-once', 0, n
                  FROM (SELECT jsonb_agg(jsonb_build_object(
                                   'name', md5(i::text), 'quantity', i, 'price', 1.00)) AS items
                          FROM generate_series(1, 500) i) large,
                       generate_series(? * 500 + 1, ? * 500 + 500) n""").params(batch, batch).update());
    }

    @AfterEach
    void stop() {
        service.stop(TerminationStyle.ABRUPT);
    }

    @Test
    void large_orders_do_not_exhaust_the_heap() {
        Api api = new Api(service.url());
        var pages = Stream.generate(() -> async(() -> api.get("/orders?limit=1000")))
                .limit(12)
                .toList();
        var audit = async(() -> api.get("/audit"));
        assertThat(pages).allSatisfy(page -> {
            assertThat(page.join().status()).isIn(200, 503);
            if (page.join().status() == 200) {
                assertThat(page.join().text().length()).isLessThan(2 * 1024 * 1024);
            }
        });
        assertThat(pages).anySatisfy(page -> assertThat(page.join().status()).isEqualTo(200));
        assertThat(audit.join().status()).as(audit.join().text()).isEqualTo(200);
        assertThat(audit.join().at("/order_rows").asInt()).isEqualTo(6_000);
        assertThat(api.get("/kafka/lag").status()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> api.get("/orders?limit=1").status() == 200);
    }
}
