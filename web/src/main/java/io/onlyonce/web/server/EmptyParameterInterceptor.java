package io.onlyonce.web.server;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Rejects an empty query parameter if its type is a number or a boolean. Without this check, Spring uses the default value.
 */
public final class EmptyParameterInterceptor implements HandlerInterceptor {
    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerMethod method) {
            for (MethodParameter parameter : method.getMethodParameters()) {
                check(request, parameter);
            }
        }
        return true;
    }

    private static void check(HttpServletRequest request, MethodParameter parameter) {
        RequestParam annotation = parameter.getParameterAnnotation(RequestParam.class);
        if (annotation == null || parameter.getParameterType() == String.class) {
            return;
        }
        String name = annotation.name().isEmpty() ? parameter.getParameter().getName() : annotation.name();
        if ("".equals(request.getParameter(name))) {
            throw new IllegalArgumentException(name + " must not be empty");
        }
    }
}
