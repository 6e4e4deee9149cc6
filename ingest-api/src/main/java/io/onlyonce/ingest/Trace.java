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
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.concurrent.ThreadLocalRandom;

/** The trace that a request belongs to: told to the client, and carried on by its records. */
record Trace(SpanContext context) {
    /** The request's attribute that holds it. */
    static final String ATTRIBUTE = "onlyonce.trace";

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

    /** That of the agent's span where there is an agent, else the client's, else a new one. */
    static Trace of(HttpServletRequest request) {
        SpanContext active = Span.current().getSpanContext();
        if (active.isValid()) {
            return new Trace(active);
        }
        Context sent = W3CTraceContextPropagator.getInstance().extract(Context.root(), request, HEADERS);
        SpanContext client = Span.fromContext(sent).getSpanContext();
        return new Trace(client.isValid() ? client : made());
    }

    /** Sampled, as parts behind this one may trace though this one does not. */
    private static SpanContext made() {
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

    /** The value of a record's header {@code traceparent}, by W3C Trace Context. */
    byte[] traceparent() {
        String value = "00-" + context.getTraceId() + "-" + context.getSpanId() + "-"
                + context.getTraceFlags().asHex();
        return value.getBytes(StandardCharsets.US_ASCII);
    }
}
