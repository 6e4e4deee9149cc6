package io.onlyonce.bench.ingest;

import io.onlyonce.bench.Await;
import io.onlyonce.bench.Experiment;
import io.onlyonce.bench.Jvm;
import io.onlyonce.bench.Report;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.Scale;
import io.onlyonce.bench.http.HttpLoad;
import io.onlyonce.bench.http.Load;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ServiceProcess;
import io.onlyonce.platform.ServiceProcess.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Rates and latency of POST /orders over 64 connections, the contenders in turn on one broker. */
public final class IngestRates implements Experiment {
    private static final int CONNECTIONS = 64;
    private static final double P99_SHARE_OF_MAXIMUM = 0.5;
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration WRITE_PATIENCE = Duration.ofSeconds(10);

    @Override
    public String name() {
        return "ingest";
    }

    @Override
    public void run(Scale scale, Report report) throws Exception {
        try (Platform platform = Platform.builder().start()) {
            List<Integer> ports = Ports.free(2);
            try (ServiceProcess ingest = new ServiceProcess(
                            platform.context(),
                            Program.PRODUCER,
                            ports.get(0),
                            Map.of("KAFKA_BOOTSTRAP_SERVERS", platform.bootstrapServers(), "INSTANCE_ID", "bench"));
                    Jvm peer = Jvm.start(
                            "256m",
                            platform.directory().resolve("txn-per-request/log"),
                            TxnPerRequest.class,
                            Integer.toString(ports.get(1)),
                            platform.bootstrapServers());
                    OrdersTopic topic = new OrdersTopic(platform.bootstrapServers())) {
                ingest.start();
                Await.until("the peer listens", START_PATIENCE, () -> listens(ports.get(1)));
                new Measurement(ingest.url(), URI.create("http://127.0.0.1:" + ports.get(1)), topic, scale, report)
                        .run();
                if (!peer.isAlive()) {
                    throw new IllegalStateException("the peer has ended");
                }
            }
        }
    }

    private static boolean listens(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        }
    }

    private record Measurement(URI ingest, URI peer, OrdersTopic topic, Scale scale, Report report) {
        void run() throws Exception {
            Map<Contender, Rounds> rates = new EnumMap<>(Contender.class);
            for (Contender contender : Contender.values()) {
                report.progress("warms up: " + contender.label);
                rates.put(contender, new Rounds());
                round(contender, scale.warmUp());
            }
            Rounds.inTurn(scale.rounds(), List.of(Contender.values()), (round, contender) -> {
                Load load = round(contender, scale.load());
                rates.get(contender).add(load.rate());
                report.progress("round %d of %d, %s: %,.0f/s, p99 %.1f ms"
                        .formatted(round, scale.rounds(), contender.label, load.rate(), load.latencyMs(99)));
            });
            Rounds ours = rates.get(Contender.EXACTLY_ONCE);
            ratio("ingest.eos_vs_at_most_once", rates, Contender.AT_MOST_ONCE, 0.85);
            ratio("ingest.eos_vs_txn_per_request", rates, Contender.TXN_PER_REQUEST, 5);
            ratio("ingest.eos_vs_http_only", rates, Contender.HTTP_ONLY, 0.7);
            latency(ours.median() * P99_SHARE_OF_MAXIMUM);
            report.figure("order.record_bytes", topic.averageRecordBytes());
        }

        private void ratio(String name, Map<Contender, Rounds> rates, Contender peer, double atLeast) {
            report.result(Result.ratio(
                    name, rates.get(Contender.EXACTLY_ONCE), "orders/s", peer.label, rates.get(peer), atLeast));
        }

        private void latency(double rate) throws IOException, InterruptedException {
            Rounds p99 = new Rounds();
            // The last round was another contender's.
            report.progress("warms up again: " + Contender.EXACTLY_ONCE.label);
            round(Contender.EXACTLY_ONCE, scale.warmUp());
            for (int round = 1; round <= scale.rounds(); round++) {
                try (HttpLoad load = new HttpLoad(target(Contender.EXACTLY_ONCE), CONNECTIONS)) {
                    Load paced = load.paced(rate, scale.load()).withoutFailures();
                    p99.add(paced.latencyMs(99));
                    report.progress("round %d of %d at %,.0f/s: p50 %.1f ms, p99 %.1f ms"
                            .formatted(round, scale.rounds(), rate, paced.latencyMs(50), paced.latencyMs(99)));
                }
            }
            report.result(Result.atMost("ingest.p99_ms", p99, "ms", 25)
                    .noting("at %,.0f orders/s, half of the maximum".formatted(rate)));
        }

        /** Whose answers say what is in the topic, or not: a contender that answers without working has no rate. */
        private Load round(Contender contender, Duration time) throws IOException, InterruptedException {
            configure(contender);
            long before = topic.records();
            Load load;
            try (HttpLoad generator = new HttpLoad(target(contender), CONNECTIONS)) {
                load = generator.asFastAsPossible(time).withoutFailures();
            }
            long due = contender.writes() ? load.answered() : 0;
            Await.until(
                    "%s has written %d records".formatted(contender.label, due),
                    WRITE_PATIENCE,
                    () -> topic.records() - before >= due);
            if (!contender.writes() && topic.records() != before) {
                throw new IllegalStateException(contender.label + " has written records");
            }
            return load;
        }

        private URI target(Contender contender) {
            return (contender == Contender.TXN_PER_REQUEST ? peer : ingest).resolve(contender.path);
        }

        private void configure(Contender contender) throws IOException, InterruptedException {
            if (contender.deliveryMode == null) {
                return;
            }
            HttpRequest change = HttpRequest.newBuilder(ingest.resolve("/config"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"delivery_mode\":\"%s\",\"enable_transactions\":true}"
                            .formatted(contender.deliveryMode)))
                    .build();
            try (HttpClient http = HttpClient.newHttpClient()) {
                HttpResponse<String> answer = http.send(change, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() != 200) {
                    throw new IllegalStateException("POST /config was answered with " + answer.body());
                }
            }
        }
    }
}
