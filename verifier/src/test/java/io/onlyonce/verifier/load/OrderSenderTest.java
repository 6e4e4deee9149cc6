package io.onlyonce.verifier.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.onlyonce.verifier.SystemUnderTest;
import io.onlyonce.verifier.check.Anomaly;
import io.onlyonce.verifier.check.Findings;
import io.onlyonce.verifier.check.Ledger;
import io.onlyonce.verifier.plan.OrderPlan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the recorded outcome of requests against a scripted server. */
class OrderSenderTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final OrderPlan plan = new OrderPlan("c", 3, 1_000, 0);
    private final Ledger ledger = new Ledger(1_000);
    private final LoadStatistics statistics = new LoadStatistics();
    private final Findings findings = new Findings();
    private final ConcurrentLinkedQueue<Reply> replies = new ConcurrentLinkedQueue<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private HttpServer server;
    private ServiceClient client;
    private OrderSender sender;

    private interface Reply {
        void to(HttpExchange exchange) throws IOException, InterruptedException;
    }

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            try {
                replies.remove().to(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
        });
        server.start();
        URI url = URI.create("http://localhost:" + server.getAddress().getPort());
        client = new ServiceClient(new SystemUnderTest(url, url, url, "", "", "", "", Optional.of("secret")), TIMEOUT);
        sender = new OrderSender(plan, ledger, client, statistics, findings);
    }

    @AfterEach
    void stop() {
        end.countDown();
        client.close();
        server.stop(0);
    }

    @Test
    void an_order_is_acknowledged_with_its_partition() throws InterruptedException {
        replies.add(status(200, "{\"status\":\"accepted\",\"partition\":4,\"offset\":17}"));
        assertThat(sender.send(one(false))).isEqualTo(new IngestResponse.Acknowledged(4));
        assertThat(ledger.acknowledgements(one(false))).isEqualTo(1);
        assertThat(ledger.unanswered(one(false))).isZero();
        assertThat(statistics.acknowledged.sum()).isEqualTo(1);
    }

    @Test
    void an_order_is_unanswered_after_a_5xx_a_timeout_or_a_closed_connection_until_a_retry_is_acknowledged()
            throws InterruptedException {
        replies.add(status(503, "later"));
        replies.add(exchange -> end.await());
        replies.add(HttpExchange::close);
        replies.add(status(200, "{}"));
        assertThat(sender.send(one(false))).isInstanceOf(IngestResponse.Acknowledged.class);
        assertThat(ledger.acknowledgements(one(false))).isEqualTo(1);
        assertThat(ledger.unanswered(one(false))).isEqualTo(3);
        assertThat(statistics.unanswered.sum()).isEqualTo(3);
        assertThat(replies).isEmpty();
    }

    @Test
    void a_request_that_the_service_did_not_process_is_repeated() throws InterruptedException {
        replies.add(status(408, "the body was late"));
        replies.add(status(429, "later"));
        replies.add(status(200, "{}"));
        assertThat(sender.send(one(false))).isInstanceOf(IngestResponse.Acknowledged.class);
        assertThat(ledger.rejections(one(false))).isZero();
    }

    @Test
    void an_abandoned_order_is_not_retried_and_stays_indeterminate() throws InterruptedException {
        replies.add(status(504, "no commit in time"));
        assertThat(sender.send(one(true))).isInstanceOf(IngestResponse.Unanswered.class);
        assertThat(ledger.acknowledgements(one(true))).isZero();
        assertThat(ledger.unanswered(one(true))).isEqualTo(1);
    }

    @Test
    void a_4xx_for_a_valid_order_is_final_and_a_finding() throws InterruptedException {
        replies.add(status(400, "no"));
        assertThat(sender.send(one(false))).isInstanceOf(IngestResponse.Rejected.class);
        assertThat(ledger.rejections(one(false))).isEqualTo(1);
        assertThat(ledger.unanswered(one(false))).isZero();
        assertThat(findings.count(Anomaly.REFUSED)).isEqualTo(1);
    }

    @Test
    void a_refused_connection_counts_as_not_sent() throws InterruptedException {
        server.stop(0);
        sender.stop();
        assertThat(sender.send(one(false))).isInstanceOf(IngestResponse.NotSent.class);
        assertThat(ledger.unanswered(one(false))).isZero();
        assertThat(statistics.notSent.sum()).isEqualTo(1);
    }

    private static Reply status(int status, String body) {
        return exchange -> {
            exchange.sendResponseHeaders(status, body.length());
            exchange.getResponseBody().write(body.getBytes());
        };
    }

    private int one(boolean abandons) {
        int index = 0;
        while (plan.isBatch(index) || plan.abandons(index) != abandons) {
            index++;
        }
        return index;
    }
}
