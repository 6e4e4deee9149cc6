package io.onlyonce.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Keeps the pages of other sites from calling a {@link Guarded} endpoint through the browser of whoever runs the lab:
 * the loopback interface keeps out machines, not pages. Browsers say where a call comes from, other clients need not.
 */
final class CrossSiteInterceptor implements HandlerInterceptor {
    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerMethod method
                && method.hasMethodAnnotation(Guarded.class)
                && "cross-site".equals(request.getHeader("Sec-Fetch-Site"))) {
            ErrorResponseException forbidden = new ErrorResponseException(HttpStatus.FORBIDDEN);
            forbidden.setDetail("This endpoint is not for pages of other sites");
            throw forbidden;
        }
        return true;
    }
}
