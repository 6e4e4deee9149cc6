package io.onlyonce.bench.http;

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
 * Places orders, each with an order_id of its own, over a fixed number of kept connections. One thread for all of them,
 * and no HTTP library: what the load generator takes of the machine, the service lacks. For use by one thread.
 */
public final class HttpLoad implements AutoCloseable {
    /** Longer than a service takes to say that it cannot. */
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(15);

    /** A paced round that is so late has lost its meaning; before that, being late is what its latencies show. */
    private static final Duration BEHIND_PATIENCE = Duration.ofSeconds(60);

    private static final int ANSWER_MAX_BYTES = 16 * 1024;

    private final InetSocketAddress address;
    private final OrderRequest request;
    private final Selector selector;
    private final List<Connection> connections = new ArrayList<>();
    private final Deque<Connection> idle = new ArrayDeque<>();

    private Optional<Consumer<String>> listener = Optional.empty();
    private Histogram latencies = newHistogram();
    private long end;
    private long answered;
    private long answeredInTime;
    private long failed;
    private String firstFailure;

    /** @param target of the POST */
    public HttpLoad(URI target, int connections) {
        address = new InetSocketAddress(target.getHost(), target.getPort());
        request = new OrderRequest(target);
        try {
            selector = Selector.open();
            for (int i = 0; i < connections; i++) {
                this.connections.add(new Connection());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no connection to " + target, e);
        }
    }

    /** Closed loop: a connection sends the next as soon as it has its answer. Latency counts from the sending. */
    public Load asFastAsPossible(Duration round) {
        long begin = begin(round, Optional.empty());
        for (long now = begin; now - end < 0; now = System.nanoTime()) {
            while (!idle.isEmpty()) {
                idle.poll().send(System.nanoTime());
            }
            readAnswers(1);
        }
        return finish(round);
    }

    /**
     * Open loop: orders are due at even intervals whether or not the service keeps up. Latency counts from when one was
     * due, so that a stall is felt by all that were due in it.
     *
     * @param perSecond orders
     * @param answered told the order_id of each that was answered with 200, at once and by this thread
     */
    public Load paced(double perSecond, Duration round, Consumer<String> answered) {
        return paced(perSecond, round, Optional.of(answered));
    }

    private Load paced(double perSecond, Duration round, Optional<Consumer<String>> listener) {
        long begin = begin(round, listener);
        double interval = 1e9 / perSecond;
        long sent = 0;
        long due = begin;
        for (long now = begin; now - end < 0 || due - end < 0; now = System.nanoTime()) {
            while (due - now <= 0 && due - end < 0 && !idle.isEmpty()) {
                idle.poll().send(due);
                due = begin + (long) (++sent * interval);
            }
            if (now - end > BEHIND_PATIENCE.toNanos()) {
                fail("the service is hopelessly behind " + perSecond + " orders/s");
                break;
            }
            readAnswers(1);
        }
        return finish(round);
    }

    public Load paced(double perSecond, Duration round) {
        return paced(perSecond, round, Optional.empty());
    }

    private long begin(Duration round, Optional<Consumer<String>> listener) {
        this.listener = listener;
        latencies = newHistogram();
        answered = 0;
        answeredInTime = 0;
        failed = 0;
        firstFailure = null;
        long begin = System.nanoTime();
        end = begin + round.toNanos();
        return begin;
    }

    /** Waits for the answers that are still due, so that the next round begins with idle connections. */
    private Load finish(Duration round) {
        long deadline = System.nanoTime() + ANSWER_PATIENCE.toNanos();
        while (idle.size() < connections.size() && System.nanoTime() - deadline < 0) {
            readAnswers(10);
        }
        connections.stream().filter(connection -> !idle.contains(connection)).forEach(Connection::giveUp);
        return new Load(answered, answeredInTime, failed, firstFailure, round, latencies);
    }

    private static Histogram newHistogram() {
        return new Histogram(3);
    }

    private void readAnswers(long waitMillis) {
        try {
            selector.select(key -> ((Connection) key.attachment()).read(), waitMillis);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void fail(String what) {
        failed++;
        if (firstFailure == null) {
            firstFailure = what;
        }
    }

    private final class Connection {
        private final ByteBuffer out = ByteBuffer.allocateDirect(request.length());
        private final ByteBuffer in = ByteBuffer.allocateDirect(ANSWER_MAX_BYTES);
        private SocketChannel channel;
        private SelectionKey key;
        private long since;
        private long number;

        Connection() throws IOException {
            open();
            idle.add(this);
        }

        private void open() throws IOException {
            channel = SocketChannel.open(address);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            key = channel.register(selector, SelectionKey.OP_READ, this);
        }

        private void reopen() {
            try {
                close();
                open();
            } catch (IOException e) {
                throw new UncheckedIOException("no new connection to " + address, e);
            }
        }

        /** @param since when its latency begins */
        void send(long since) {
            this.since = since;
            number = request.writeNext(out);
            in.clear();
            try {
                // Some 400 bytes into the empty buffer of a connection that waits for nothing else: they fit.
                channel.write(out);
                if (out.hasRemaining()) {
                    throw new IOException("the connection takes no more");
                }
            } catch (IOException e) {
                failAndReopen(e.toString());
            }
        }

        void read() {
            try {
                if (channel.read(in) < 0) {
                    failAndReopen("the connection was closed without an answer");
                } else if (Answer.in(in) instanceof Answer.Whole whole) {
                    complete(whole);
                } else if (!in.hasRemaining()) {
                    failAndReopen("an answer of more than " + ANSWER_MAX_BYTES + " bytes");
                }
            } catch (IOException | IllegalStateException e) {
                failAndReopen(e.toString());
            }
        }

        private void complete(Answer.Whole answer) {
            long now = System.nanoTime();
            if (answer.status() == 200) {
                answered++;
                answeredInTime += now - end <= 0 ? 1 : 0;
                latencies.recordValue(now - since);
                listener.ifPresent(told -> told.accept(request.id(number)));
            } else {
                byte[] text = new byte[in.position()];
                in.get(0, text);
                fail(new String(text, StandardCharsets.UTF_8));
            }
            if (answer.closing()) {
                // Tomcat keeps a connection for 100 requests.
                reopen();
            }
            idle.add(this);
        }

        private void failAndReopen(String what) {
            fail(what);
            reopen();
            idle.add(this);
        }

        void giveUp() {
            failAndReopen("no answer within " + ANSWER_PATIENCE.toSeconds() + " s");
        }

        void close() throws IOException {
            key.cancel();
            channel.close();
        }
    }

    @Override
    public void close() {
        try {
            for (Connection connection : connections) {
                connection.close();
            }
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
