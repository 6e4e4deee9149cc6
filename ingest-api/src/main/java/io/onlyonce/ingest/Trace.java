package io.onlyonce.ingest;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** The trace context of a request, which the response returns and the records propagate. */
record Trace(SpanContext context) {
    static final String REQUEST_ATTRIBUTE = "onlyonce.trace";

    private static final TextMapGetter<HttpServletRequest> HEADERS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(HttpServletRequest request) {
            return Collections.list(request.getHeaderNames());
        }

        @Override
        public String get(HttpServletRequest request, String key) {
            return request.getHeader(key);
        }
    };

    /** Sets the request attribute, and the {@code trace_id} of the log lines. */
    @Component
    static final class Filter extends OncePerRequestFilter {
        @Override
        protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            Trace trace = Trace.of(request);
            request.setAttribute(REQUEST_ATTRIBUTE, trace);
            try (MDC.MDCCloseable mdc = MDC.putCloseable("trace_id", trace.id())) {
                chain.doFilter(request, response);
            }
        }
    }

    /** The agent's span if an agent is attached, otherwise the client's, otherwise a new one. */
    private static Trace of(HttpServletRequest request) {
        SpanContext agent = Span.current().getSpanContext();
        if (agent.isValid()) {
            return new Trace(agent);
        }
        Context extracted = W3CTraceContextPropagator.getInstance().extract(Context.root(), request, HEADERS);
        SpanContext client = Span.fromContext(extracted).getSpanContext();
        return new Trace(client.isValid() ? client : random());
    }

    /** Sampled, because downstream components can have an agent although this one has none. */
    private static SpanContext random() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return SpanContext.create(
                TraceId.fromLongs(random.nextLong(), random.nextLong() | 1),
                SpanId.fromLong(random.nextLong() | 1),
                TraceFlags.getSampled(),
                TraceState.getDefault());
    }

    String id() {
        return context.getTraceId();
    }

    /** The record header {@code traceparent} (W3C Trace Context). */
    byte[] traceparent() {
        String value = "00-" + context.getTraceId() + "-" + context.getSpanId() + "-"
                + context.getTraceFlags().asHex();
        return value.getBytes(StandardCharsets.US_ASCII);
    }
}
