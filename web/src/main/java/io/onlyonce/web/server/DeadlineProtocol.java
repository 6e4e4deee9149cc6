package io.onlyonce.web.server;

import java.io.IOException;
import java.time.Duration;
import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * HTTP/1.1 with a time limit for complete request headers. Tomcat's own timeout applies to each read, so that a client can
 * hold a connection for hours by sending one byte after the other. Public, because Tomcat creates it by its name.
 */
public final class DeadlineProtocol extends Http11NioProtocol {
    private Duration headersTimeout = Duration.ofMillis(getConnectionTimeout());

    void setHeadersTimeout(Duration timeout) {
        headersTimeout = timeout;
    }

    @Override
    protected Processor createProcessor() {
        return new DeadlineProcessor(this, getAdapter(), headersTimeout);
    }

    private static final class DeadlineProcessor extends Http11Processor {
        private final Duration headersTimeout;

        DeadlineProcessor(AbstractHttp11Protocol<?> protocol, Adapter adapter, Duration headersTimeout) {
            super(protocol, adapter);
            this.headersTimeout = headersTimeout;
        }

        /** Tomcat calls this method whenever bytes arrive. The state LONG means that the headers are incomplete. */
        @Override
        public SocketState service(SocketWrapperBase<?> socket) throws IOException {
            SocketState state = super.service(socket);
            return state == SocketState.LONG && !isAsync() && isLate() ? SocketState.CLOSED : state;
        }

        /** The start time is negative before the first byte of the headers. */
        private boolean isLate() {
            long start = request.getStartTimeNanos();
            return start >= 0 && System.nanoTime() - start > headersTimeout.toNanos();
        }
    }
}
