package io.onlyonce.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** Lets a call of a {@link Guarded} endpoint pass only with the admin token. */
final class GuardInterceptor implements HandlerInterceptor {
    private static final String SCHEME = "Bearer ";

    private final byte[] token;

    GuardInterceptor(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerMethod method
                && method.hasMethodAnnotation(Guarded.class)
                && !presented(request)) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            ErrorResponseException unauthorized = new ErrorResponseException(HttpStatus.UNAUTHORIZED);
            unauthorized.setDetail("This endpoint is guarded: send the admin token as Authorization: Bearer TOKEN");
            throw unauthorized;
        }
        return true;
    }

    private boolean presented(HttpServletRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null
                && header.startsWith(SCHEME)
                // In constant time: how long the comparison takes tells nothing of the token.
                && MessageDigest.isEqual(
                        token, header.substring(SCHEME.length()).getBytes(StandardCharsets.UTF_8));
    }
}
