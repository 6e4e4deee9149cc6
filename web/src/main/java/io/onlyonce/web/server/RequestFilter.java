package io.onlyonce.web.server;

import io.onlyonce.web.Problem;
import io.onlyonce.web.WebProperties;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.unit.DataSize;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Checks each request before its body is read, limits the body, and sets the security headers of each response. */
public final class RequestFilter extends OncePerRequestFilter {
    /** The pages load nothing from other hosts. The OpenAPI page needs inline styles and images. */
    private static final String CONTENT_SECURITY_POLICY = String.join(
            "; ",
            "default-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'");

    /** The limits of the rest of a body that is discarded after the response. */
    private static final Duration DISCARD_TIMEOUT = Duration.ofSeconds(2);

    private static final DataSize DISCARD_LIMIT = DataSize.ofMegabytes(4);

    private final AccessRules access;
    private final WebProperties.Http limits;
    private final BodyBudget budget;
    private final ObjectProvider<HandlerExceptionResolver> problems;

    /** @param problems writes the response of an {@link ErrorResponseException}, as for the exceptions of controllers */
    public RequestFilter(
            WebProperties.Http limits, BodyBudget budget, ObjectProvider<HandlerExceptionResolver> problems) {
        this.access = new AccessRules(limits.allowedHosts());
        this.limits = limits;
        this.budget = budget;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        response.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        response.setHeader("X-Content-Type-Options", "nosniff");
        if (!hasBody(request)) {
            try {
                access.check(request);
            } catch (ErrorResponseException e) {
                respond(request, response, e);
                return;
            }
            chain.doFilter(request, response);
            return;
        }
        LimitedBody body = new LimitedBody(request.getInputStream(), limits, budget);
        try {
            access.check(request);
            requireJson(request);
            body.reserve(request.getContentLengthLong());
            chain.doFilter(new LimitedRequest(request, body), response);
        } catch (ErrorResponseException e) {
            respond(request, response, e);
        } finally {
            body.release();
        }
        if (!body.isFinished() && !body.isLate()) {
            discardRest(request, response);
        }
    }

    private static boolean hasBody(HttpServletRequest request) {
        return request.getContentLengthLong() > 0 || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
    }

    /** The content types of HTML forms, which a browser sends to other origins without permission, are not accepted. */
    private static void requireJson(HttpServletRequest request) {
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw Problem.of(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The body must not be compressed: remove Content-Encoding");
        }
        if (!isJson(request.getContentType())) {
            throw Problem.of(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The body must have the header Content-Type: application/json");
        }
    }

    private static boolean isJson(String contentType) {
        try {
            return contentType != null
                    && MediaType.APPLICATION_JSON.equalsTypeAndSubtype(MediaType.parseMediaType(contentType));
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }

    private void respond(HttpServletRequest request, HttpServletResponse response, ErrorResponseException problem) {
        problems.getObject().resolveException(request, response, null, problem);
    }

    /**
     * Sends the response, then discards the rest of the body for a short time. If the connection were closed while the
     * client is sending, the client would receive a reset instead of the response. Tomcat has no time limit for this.
     */
    private static void discardRest(HttpServletRequest request, HttpServletResponse response) {
        long start = System.nanoTime();
        byte[] buffer = new byte[8192];
        try {
            // Completes the response: a timeout of the following reads closes the connection at once.
            response.getOutputStream().close();
            if (request.getHeader(HttpHeaders.EXPECT) != null) {
                // The client waits for permission to send the body.
                return;
            }
            long discarded = 0;
            int count = 0;
            while (count >= 0
                    && discarded < DISCARD_LIMIT.toBytes()
                    && System.nanoTime() - start < DISCARD_TIMEOUT.toNanos()) {
                count = request.getInputStream().read(buffer);
                discarded += count;
            }
        } catch (IOException e) {
            // The client has closed the connection or is too slow. Tomcat closes the connection.
        }
    }

    private static final class LimitedRequest extends HttpServletRequestWrapper {
        private final LimitedBody body;

        LimitedRequest(HttpServletRequest request, LimitedBody body) {
            super(request);
            this.body = body;
        }

        @Override
        public ServletInputStream getInputStream() {
            return body;
        }

        @Override
        public BufferedReader getReader() {
            return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        }
    }
}
