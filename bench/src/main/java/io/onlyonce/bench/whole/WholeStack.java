package io.onlyonce.bench.whole;

import io.onlyonce.bench.Experiment;
import io.onlyonce.bench.Report;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.Scale;
import io.onlyonce.bench.http.HttpLoad;
import io.onlyonce.bench.http.Load;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/** What a user of the whole stack sees: how soon it is up, how soon an order is visible, how soon a question answered. */
public final class WholeStack implements Experiment {
    private static final double ORDERS_PER_SECOND = 500;
    private static final int CONNECTIONS = 16;

    private static final List<String> QUESTIONS = List.of("/stats", "/stats/duplicates");
    private static final int QUESTIONS_ASKED = 300;
    /** Before each measurement. */
    private static final int QUESTIONS_UNMEASURED = 50;
    /** Before the first: else code that is not yet compiled would make few rows slow, and the growth look small. */
    private static final int QUESTIONS_WARM_UP = 3_000;
    /** Of 300 answers, the third slowest is the p99: that of one round says little. */
    private static final int QUESTION_ROUNDS = 5;

    private static final double FEW_ROWS = 0.01;
    private static final double GROWTH_AT_MOST = 1.5;

    @Override
    public String name() {
        return "stack";
    }

    @Override
    public void run(Scale scale, Report report) throws Exception {
        try (LabStack stack = new LabStack()) {
            starts(stack, scale, report);
            visibility(stack, scale, report);
            questions(stack, scale, report);
        }
    }

    /** Leaves it running. */
    private static void starts(LabStack stack, Scale scale, Report report) throws IOException {
        Rounds starts = new Rounds();
        Rounds memory = new Rounds();
        for (int round = 1; round <= scale.rounds(); round++) {
            if (round > 1) {
                stack.down();
            }
            starts.add(stack.up().toNanos() / 1e6);
            memory.add(stack.residentMebibytes());
            report.progress("start %d of %d".formatted(round, scale.rounds()));
        }
        report.result(Result.atMost("start.ms", starts, "ms", 15_000)
                .noting("from nothing, with initdb and topics; then resident: %,.0f MiB".formatted(memory.median())));
        report.result(Result.atMost("start.memory_mib", memory, "MiB", 2_560)
                .noting("six parts and PostgreSQL's children, pages that are shared counted once"));
    }

    private static void visibility(LabStack stack, Scale scale, Report report)
            throws IOException, InterruptedException, SQLException, ExecutionException {
        Rounds p50 = new Rounds();
        Rounds p99 = new Rounds();
        double slowest = 0;
        try (HttpLoad load = new HttpLoad(stack.producer().resolve("/orders"), CONNECTIONS)) {
            report.progress("warms up at %.0f orders/s".formatted(ORDERS_PER_SECOND));
            visibility(stack, load, scale.warmUp());
            for (int round = 1; round <= scale.rounds(); round++) {
                Histogram latencies = visibility(stack, load, scale.load().multipliedBy(2));
                p50.add(latencies.getValueAtPercentile(50) / 1e6);
                p99.add(latencies.getValueAtPercentile(99) / 1e6);
                slowest = Math.max(slowest, latencies.getMaxValue() / 1e6);
                report.progress(
                        "round %d of %d: %d orders".formatted(round, scale.rounds(), latencies.getTotalCount()));
            }
        }
        report.result(Result.atMost("e2e.latency_p50_ms", p50, "ms", 250)
                .noting("%.0f orders/s".formatted(ORDERS_PER_SECOND)));
        report.result(Result.atMost("e2e.latency_p99_ms", p99, "ms", 600)
                .noting("slowest %,.0f ms; resident after it: %,.0f MiB"
                        .formatted(slowest, stack.residentMebibytes())));
    }

    private static Histogram visibility(LabStack stack, HttpLoad load, Duration time)
            throws InterruptedException, SQLException, ExecutionException {
        try (Connection connection = stack.connectToDatabase();
                ExecutorService looking = Executors.newSingleThreadExecutor()) {
            Visibility visibility = new Visibility(connection);
            Future<Histogram> latencies = looking.submit(visibility);
            Load sent;
            try {
                sent = load.paced(ORDERS_PER_SECOND, time, visibility::await).withoutFailures();
            } finally {
                visibility.complete();
            }
            if (latencies.get().getTotalCount() != sent.answered()) {
                throw new IllegalStateException("%d orders were acknowledged, %d came to the table"
                        .formatted(sent.answered(), latencies.get().getTotalCount()));
            }
            return latencies.get();
        }
    }

    private static void questions(LabStack stack, Scale scale, Report report)
            throws IOException, InterruptedException, SQLException {
        Filling filling = new Filling(stack);
        int few = (int) (scale.storedIds() * FEW_ROWS);
        try (HttpClient http = HttpClient.newHttpClient()) {
            filling.fillTo(few);
            ask(http, stack.api(), QUESTIONS_WARM_UP);
            Rounds withFew = p99(http, stack.api());
            report.progress("fills the tables with %,d rows".formatted(scale.storedIds()));
            long begun = System.nanoTime();
            filling.fillTo(scale.storedIds());
            double perSecond = (scale.storedIds() - few) / ((System.nanoTime() - begun) / 1e9);
            report.progress("filled, %,.0f rows/s".formatted(perSecond));
            Rounds withAll = p99(http, stack.api());
            report.result(Result.atMost("stats.p99_ms", withAll, "ms", 50)
                    .noting("%,d rows; the slower of %s"
                            .formatted(scale.storedIds(), String.join(" and ", QUESTIONS))));
            double growth = withAll.median() / withFew.median();
            report.result(new Result(
                    "stats.growth",
                    withAll.median(),
                    "ms",
                    withAll.spread(),
                    "with %,d rows".formatted(few),
                    withFew.median(),
                    withFew.spread(),
                    growth,
                    "<= " + GROWTH_AT_MOST,
                    growth <= GROWTH_AT_MOST,
                    null));
        }
    }

    /** In milliseconds, of the slower of the questions. */
    private static Rounds p99(HttpClient http, URI api) throws IOException, InterruptedException {
        ask(http, api, QUESTIONS_UNMEASURED);
        Rounds p99 = new Rounds();
        for (int round = 0; round < QUESTION_ROUNDS; round++) {
            double slower = 0;
            for (String question : QUESTIONS) {
                slower = Math.max(
                        slower,
                        time(http, api.resolve(question), QUESTIONS_ASKED).getValueAtPercentile(99) / 1e6);
            }
            p99.add(slower);
        }
        return p99;
    }

    private static void ask(HttpClient http, URI api, int times) throws IOException, InterruptedException {
        for (String question : QUESTIONS) {
            time(http, api.resolve(question), times);
        }
    }

    private static Histogram time(HttpClient http, URI question, int times) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(question).build();
        Histogram latencies = new Histogram(3);
        for (int i = 0; i < times; i++) {
            long begun = System.nanoTime();
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            latencies.recordValue(System.nanoTime() - begun);
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(question + " was answered with " + answer.body());
            }
        }
        return latencies;
    }
}
