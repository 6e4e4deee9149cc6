package io.onlyonce.ingest;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Sets the current span, which the response returns and the records propagate, and the {@code trace_id} of the log lines.
 * The span is the agent's if an agent is attached, otherwise the client's, otherwise a new one.
 */
@Component
final class TraceFilter extends OncePerRequestFilter {
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

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Context context = Context.current();
        if (!Span.current().getSpanContext().isValid()) {
            context = W3CTraceContextPropagator.getInstance().extract(context, request, HEADERS);
        }
        if (!Span.fromContext(context).getSpanContext().isValid()) {
            context = context.with(Span.wrap(random()));
        }
        try (Scope scope = context.makeCurrent();
                MDC.MDCCloseable mdc = MDC.putCloseable("trace_id", traceId())) {
            chain.doFilter(request, response);
        }
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

    static String traceId() {
        return Span.current().getSpanContext().getTraceId();
    }
}
