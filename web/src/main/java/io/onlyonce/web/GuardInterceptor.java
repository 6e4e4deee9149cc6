package io.onlyonce.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Protects the {@link Guarded} endpoints: rejects calls from pages of other sites, and calls without the admin token if
 * one is configured. The loopback interface is reachable from every page that the user's browser displays; browsers send
 * the header Sec-Fetch-Site, other clients do not have to.
 */
final class GuardInterceptor implements HandlerInterceptor {
    /** The required value of the header Authorization. */
    private final Optional<byte[]> authorization;

    GuardInterceptor(Optional<String> adminToken) {
        authorization = adminToken.map(token -> ("Bearer " + token).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (!(handler instanceof HandlerMethod method) || !method.hasMethodAnnotation(Guarded.class)) {
            return true;
        }
        if ("cross-site".equals(request.getHeader("Sec-Fetch-Site"))) {
            throw problem(HttpStatus.FORBIDDEN, "This endpoint does not accept requests from pages of other sites");
        }
        if (authorization.isPresent() && !hasHeader(request, authorization.get())) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            throw problem(
                    HttpStatus.UNAUTHORIZED,
                    "This endpoint requires the admin token: send the header Authorization: Bearer TOKEN");
        }
        return true;
    }

    /** Compares in constant time, so that the response time does not reveal the token. */
    private static boolean hasHeader(HttpServletRequest request, byte[] authorization) {
        String sent = request.getHeader(HttpHeaders.AUTHORIZATION);
        return sent != null && MessageDigest.isEqual(authorization, sent.getBytes(StandardCharsets.UTF_8));
    }

    private static ErrorResponseException problem(HttpStatus status, String detail) {
        return new ErrorResponseException(status, ProblemDetail.forStatusAndDetail(status, detail), null);
    }
}
