package io.onlyonce.bench.ingest;

import io.onlyonce.bench.BaselineJvm;
import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Polling;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.http.HttpLoad;
import io.onlyonce.bench.kafka.CommittedReader;
import io.onlyonce.model.Topics;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ServiceProcess;
import io.onlyonce.platform.ServiceProcess.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.client.RestClient;

/** Measures rate and latency of POST /orders over 64 connections. The candidates take turns on the same broker. */
public final class IngestRates {
    private static final int CONNECTIONS = 64;
    private static final double LATENCY_LOAD = 0.5;
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(10);

    private final URI ingest;
    private final URI transactionPerRequest;
    private final CommittedReader orders;
    private final BenchScale scale;
    private final BenchReport report;
    private final Map<Candidate, Rounds> rates = new EnumMap<>(Candidate.class);

    private enum Candidate {
        EXACTLY_ONCE("exactly-once", "exactly-once", "/orders"),
        AT_MOST_ONCE("acks=0", "at-most-once", "/orders"),
        /** Validates and responds, without Kafka: the limit of HTTP, JSON and the load generator. */
        HTTP_ONLY("HTTP only", "exactly-once", "/orders/validate"),
        TRANSACTION_PER_REQUEST("one transaction per request", null, "/orders");

        private final String label;
        /** Of the ingest API; null if the candidate is not the ingest API. */
        private final String deliveryMode;

        private final String path;

        Candidate(String label, String deliveryMode, String path) {
            this.label = label;
            this.deliveryMode = deliveryMode;
            this.path = path;
        }
    }

    private IngestRates(
            URI ingest, URI transactionPerRequest, CommittedReader orders, BenchScale scale, BenchReport report) {
        this.ingest = ingest;
        this.transactionPerRequest = transactionPerRequest;
        this.orders = orders;
        this.scale = scale;
        this.report = report;
    }

    public static void run(BenchScale scale, BenchReport report) throws Exception {
        try (Platform platform = Platform.builder().start()) {
            List<Integer> ports = Ports.free(2);
            try (ServiceProcess ingest = new ServiceProcess(
                            platform.context(),
                            Program.PRODUCER,
                            ports.get(0),
                            Map.of("KAFKA_BOOTSTRAP_SERVERS", platform.bootstrapServers(), "INSTANCE_ID", "bench"));
                    BaselineJvm baseline = BaselineJvm.start(
                            BaselineJvm.SERVICE_OPTIONS,
                            List.of(),
                            platform.directory().resolve("txn-per-request/log"),
                            TransactionPerRequest.class,
                            Integer.toString(ports.get(1)),
                            platform.bootstrapServers());
                    CommittedReader orders = new CommittedReader(platform.bootstrapServers(), Topics.ORDERS)) {
                ingest.start();
                Polling.await("the baseline accepts connections", START_TIMEOUT, () -> {
                    new Socket(InetAddress.getLoopbackAddress(), ports.get(1)).close();
                    return true;
                });
                URI baselineUrl = URI.create("http://127.0.0.1:" + ports.get(1));
                new IngestRates(ingest.url(), baselineUrl, orders, scale, report).measure();
                baseline.checkAlive();
            }
        }
    }

    private void measure() throws Exception {
        for (Candidate candidate : Candidate.values()) {
            report.progress("warm-up: " + candidate.label);
            rates.put(candidate, new Rounds());
            round(candidate, scale.warmUp());
        }
        Rounds.inTurn(scale.rounds(), List.of(Candidate.values()), (round, candidate) -> {
            HttpLoad.Result load = round(candidate, scale.load());
            rates.get(candidate).add(load.rate());
            String format = "round %d of %d, %s: %,.0f/s, p99 %.1f ms";
            report.progress(format, round, scale.rounds(), candidate.label, load.rate(), load.latencyMs(99));
        });
        compare("ingest.eos_vs_at_most_once", Candidate.AT_MOST_ONCE, 0.85);
        compare("ingest.eos_vs_txn_per_request", Candidate.TRANSACTION_PER_REQUEST, 5);
        compare("ingest.eos_vs_http_only", Candidate.HTTP_ONLY, 0.7);
        latency(rates.get(Candidate.EXACTLY_ONCE).median() * LATENCY_LOAD);
        report.figure("order.record_bytes", orders.averageRecordBytes());
    }

    private void compare(String name, Candidate baseline, double atLeast) {
        report.result(Result.ratio(
                name, rates.get(Candidate.EXACTLY_ONCE), "orders/s", baseline.label, rates.get(baseline), atLeast));
    }

    private void latency(double rate) throws IOException, InterruptedException {
        Rounds p99 = new Rounds();
        // Another candidate ran in the last round.
        report.progress("warm-up: " + Candidate.EXACTLY_ONCE.label);
        round(Candidate.EXACTLY_ONCE, scale.warmUp());
        for (int round = 1; round <= scale.rounds(); round++) {
            try (HttpLoad generator = new HttpLoad(target(Candidate.EXACTLY_ONCE), CONNECTIONS)) {
                HttpLoad.Result load =
                        generator.paced(rate, scale.load(), _ -> {}).requireNoFailures();
                p99.add(load.latencyMs(99));
                String format = "round %d of %d at %,.0f/s: p50 %.1f ms, p99 %.1f ms";
                report.progress(format, round, scale.rounds(), rate, load.latencyMs(50), load.latencyMs(99));
            }
        }
        report.result(Result.atMost("ingest.p99_ms", p99, "ms", 25)
                .withNote("at %,.0f orders/s, half of the maximum".formatted(rate)));
    }

    /** Runs a load and checks its responses against the topic: each accepted order must be committed. */
    private HttpLoad.Result round(Candidate candidate, Duration time) throws IOException, InterruptedException {
        configure(candidate);
        long before = orders.count();
        HttpLoad.Result load;
        try (HttpLoad generator = new HttpLoad(target(candidate), CONNECTIONS)) {
            load = generator.asFastAsPossible(time).requireNoFailures();
        }
        if (candidate == Candidate.HTTP_ONLY) {
            if (orders.count() != before) {
                throw new IllegalStateException(candidate.label + " must not write records, but did");
            }
        } else {
            long expected = load.succeeded();
            String description = candidate.label + " has written " + expected + " records";
            Polling.await(description, WRITE_TIMEOUT, () -> orders.count() - before >= expected);
        }
        return load;
    }

    private URI target(Candidate candidate) {
        URI service = candidate == Candidate.TRANSACTION_PER_REQUEST ? transactionPerRequest : ingest;
        return service.resolve(candidate.path);
    }

    private void configure(Candidate candidate) {
        if (candidate.deliveryMode != null) {
            // If the service rejects the change, throws an exception with its status and body.
            RestClient.create()
                    .post()
                    .uri(ingest.resolve("/config"))
                    .contentType(MediaType.APPLICATION_JSON)
                    .body("{\"delivery_mode\":\"%s\",\"enable_transactions\":true}".formatted(candidate.deliveryMode))
                    .retrieve()
                    .toBodilessEntity();
        }
    }
}
