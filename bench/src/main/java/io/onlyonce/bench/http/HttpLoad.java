package io.onlyonce.bench.http;

import io.onlyonce.model.time.Deadline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * A load generator that posts orders with distinct order_ids over a fixed number of persistent connections.
 *
 * <p>It uses one thread and plain sockets instead of the JDK's HttpClient: the load generator runs on the same cores as
 * the service, so its processor time reduces every measured rate. In a test with 16 connections, HttpClient needed more
 * than ten times as much of it per request. Not thread-safe.
 */
public final class HttpLoad implements AutoCloseable {
    /** Longer than the time after which the services reject a request that they cannot complete. */
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(15);
    /** Smaller delays are part of the measured latencies; after this delay the paced round is aborted. */
    private static final Duration MAX_DELAY = Duration.ofSeconds(60);

    private static final int RESPONSE_MAX_BYTES = 16 * 1024;

    private final InetSocketAddress address;
    private final OrderRequest request;
    private final Selector selector;
    private final List<Connection> connections = new ArrayList<>();
    private final Deque<Connection> idle = new ArrayDeque<>();

    private Consumer<String> listener;
    private Histogram latencies;
    private long end;
    private long succeededInTime;
    private List<String> failures = new ArrayList<>();

    /** @param target URL of the POST requests */
    public HttpLoad(URI target, int connectionCount) {
        address = new InetSocketAddress(target.getHost(), target.getPort());
        request = new OrderRequest(target);
        try {
            selector = Selector.open();
            for (int i = 0; i < connectionCount; i++) {
                connections.add(new Connection());
                connections.getLast().open();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot connect to " + target, e);
        }
        idle.addAll(connections);
    }

    /** Closed loop: each connection sends a request as soon as it has received the last response. */
    public Result asFastAsPossible(Duration round) throws IOException {
        begin(round, _ -> {});
        while (System.nanoTime() - end < 0) {
            while (!idle.isEmpty()) {
                idle.poll().send(System.nanoTime());
            }
            readResponses(1);
        }
        return finish(round);
    }

    /**
     * Open loop: requests are due at regular intervals, also if the service is slower. Latencies are measured from the due
     * time, so that a pause of the service affects all requests that were due in it (no coordinated omission).
     *
     * @param listener called with the order_id of each response with status 200, immediately and in this thread
     */
    public Result paced(double perSecond, Duration round, Consumer<String> listener) throws IOException {
        long begin = begin(round, listener);
        double interval = 1e9 / perSecond;
        long sent = 0;
        long due = begin;
        for (long now = begin; now - end < 0 || due - end < 0; now = System.nanoTime()) {
            while (due - now <= 0 && due - end < 0 && !idle.isEmpty()) {
                idle.poll().send(due);
                due = begin + (long) (++sent * interval);
            }
            if (now - end > MAX_DELAY.toNanos()) {
                failures.add("the service cannot process " + perSecond + " orders/s");
                break;
            }
            readResponses(1);
        }
        return finish(round);
    }

    private long begin(Duration round, Consumer<String> listener) {
        this.listener = listener;
        latencies = new Histogram(3);
        succeededInTime = 0;
        failures = new ArrayList<>();
        long begin = System.nanoTime();
        end = begin + round.toNanos();
        return begin;
    }

    /** Waits for the pending responses, so that the next round begins with idle connections. */
    private Result finish(Duration round) throws IOException {
        Deadline deadline = Deadline.in(RESPONSE_TIMEOUT);
        while (idle.size() < connections.size() && !deadline.expired()) {
            readResponses(10);
        }
        for (Connection connection : connections) {
            if (!idle.contains(connection)) {
                connection.failAndReopen("no response within " + RESPONSE_TIMEOUT.toSeconds() + " s");
            }
        }
        return new Result(latencies, succeededInTime, failures, round);
    }

    private void readResponses(long timeoutMillis) throws IOException {
        selector.select(key -> ((Connection) key.attachment()).read(), timeoutMillis);
    }

    /**
     * The responses of one round.
     *
     * @param latencies of the responses with status 200, in nanoseconds
     * @param succeededInTime those of them that arrived before the end of the round
     * @param failures responses with another status, and the reasons of requests without a response
     */
    public record Result(Histogram latencies, long succeededInTime, List<String> failures, Duration round) {
        public long succeeded() {
            return latencies.getTotalCount();
        }

        /** Returns the successful requests per second. */
        public double rate() {
            return succeededInTime / (round.toNanos() / 1e9);
        }

        /** @param percentile 0 to 100 */
        public double latencyMs(double percentile) {
            return latencies.getValueAtPercentile(percentile) / 1e6;
        }

        /** @throws IllegalStateException if a request failed, because the rate would then be meaningless */
        public Result requireNoFailures() {
            if (!failures.isEmpty()) {
                throw new IllegalStateException("%d of %d requests failed, the first with: %s"
                        .formatted(failures.size(), failures.size() + succeeded(), failures.getFirst()));
            }
            return this;
        }
    }

    private final class Connection {
        private final ByteBuffer out = ByteBuffer.allocateDirect(request.length());
        private final ByteBuffer in = ByteBuffer.allocateDirect(RESPONSE_MAX_BYTES);
        private SocketChannel channel;
        private long startNanos;
        private String orderId;

        void open() throws IOException {
            channel = SocketChannel.open(address);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, this);
        }

        /** @param startNanos from which the latency is measured */
        void send(long startNanos) {
            this.startNanos = startNanos;
            orderId = request.writeNext(out);
            in.clear();
            try {
                // About 400 bytes always fit into the empty send buffer of an idle connection.
                channel.write(out);
                if (out.hasRemaining()) {
                    throw new IOException("the send buffer is full");
                }
            } catch (IOException e) {
                failAndReopen(e.toString());
            }
        }

        private void read() {
            try {
                if (channel.read(in) < 0) {
                    failAndReopen("the connection was closed without a response");
                    return;
                }
                Optional<Response> response = Response.parse(in);
                if (response.isPresent()) {
                    complete(response.get());
                } else if (!in.hasRemaining()) {
                    failAndReopen("a response of more than " + RESPONSE_MAX_BYTES + " bytes");
                }
            } catch (IOException | IllegalStateException e) {
                failAndReopen(e.toString());
            }
        }

        private void complete(Response response) {
            long now = System.nanoTime();
            if (response.status() == 200) {
                succeededInTime += now - end <= 0 ? 1 : 0;
                latencies.recordValue(now - startNanos);
                listener.accept(orderId);
            } else {
                failures.add(StandardCharsets.UTF_8.decode(in.flip()).toString());
            }
            if (response.closesConnection()) {
                // By default, Tomcat closes a connection after 100 requests.
                reopen();
            }
            idle.add(this);
        }

        private void failAndReopen(String reason) {
            failures.add(reason);
            reopen();
            idle.add(this);
        }

        private void reopen() {
            try {
                channel.close();
                open();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot reconnect to " + address, e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Connection connection : connections) {
            connection.channel.close();
        }
        selector.close();
    }
}
