package io.onlyonce.ingest;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Puts every log line of a request beside its trace. */
@Component
final class TraceFilter extends OncePerRequestFilter {
    private static final String MDC_KEY = "trace_id";

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Trace trace = Trace.of(request);
        request.setAttribute(Trace.ATTRIBUTE, trace);
        try (MDC.MDCCloseable line = MDC.putCloseable(MDC_KEY, trace.id())) {
            chain.doFilter(request, response);
        }
    }
}
