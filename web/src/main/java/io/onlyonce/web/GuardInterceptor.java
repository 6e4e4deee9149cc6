package io.onlyonce.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Requires the admin token, if one is configured, for {@link Guarded} and reading endpoints. {@code GET /health}, the
 * metrics, the OpenAPI description and static files need no token.
 */
final class GuardInterceptor implements HandlerInterceptor {
    private static final String SCHEME = "Bearer ";
    private static final String OWN_PACKAGES = "io.onlyonce.";

    private final Optional<byte[]> token;

    GuardInterceptor(Optional<String> adminToken) {
        token = adminToken.map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (token.isPresent()
                && handler instanceof HandlerMethod method
                && isProtected(request, method)
                && !hasToken(request, token.get())) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            throw Problem.of(
                    HttpStatus.UNAUTHORIZED,
                    "This endpoint requires the admin token: send the header Authorization: Bearer TOKEN");
        }
        return true;
    }

    private static boolean isProtected(HttpServletRequest request, HandlerMethod method) {
        boolean reading = HttpMethod.GET.matches(request.getMethod()) || HttpMethod.HEAD.matches(request.getMethod());
        return method.hasMethodAnnotation(Guarded.class) || (reading && isOwn(method));
    }

    /** Whether the endpoint requires the token if one is configured. */
    static boolean isProtected(HandlerMethod method) {
        return method.hasMethodAnnotation(Guarded.class)
                || (method.hasMethodAnnotation(GetMapping.class) && isOwn(method));
    }

    private static boolean isOwn(HandlerMethod method) {
        return method.getBeanType().getName().startsWith(OWN_PACKAGES)
                && method.getBeanType() != HealthController.class;
    }

    /** Compares in constant time, so that the response time does not reveal the token. */
    private static boolean hasToken(HttpServletRequest request, byte[] token) {
        String sent = request.getHeader(HttpHeaders.AUTHORIZATION);
        return sent != null
                // RFC 9110: the name of the scheme is case-insensitive.
                && sent.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        token, sent.substring(SCHEME.length()).trim().getBytes(StandardCharsets.UTF_8));
    }
}
