package io.onlyonce.query.tables;

import io.onlyonce.query.UnavailableException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Limits the number of responses with orders or dead letters that are in memory at the same time. A response stays in memory
 * until its client has read it.
 */
@Component
final class LargeReads implements HandlerInterceptor, WebMvcConfigurer {
    /** A response needs up to 8 MiB: its rows, their text, and the objects. */
    private static final int MAX_CONCURRENT = 4;

    private static final int WAIT_SECONDS = 2;

    private final Semaphore permits = new Semaphore(MAX_CONCURRENT, true);

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this)
                .addPathPatterns("/orders", "/orders/**", "/duplicates", "/dead-letters", "/dead-letters/**")
                // These responses are small.
                .excludePathPatterns("/dead-letters/*/*/*/replay", "/orders/*/records");
    }

    /** @throws UnavailableException if the limit is reached, and no response completes within two seconds */
    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
            throws InterruptedException {
        if (!permits.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new UnavailableException("The limit of %d concurrent reads of orders and dead letters is reached"
                            .formatted(MAX_CONCURRENT))
                    .retryAfter(WAIT_SECONDS);
        }
        return true;
    }

    @Override
    public void afterCompletion(
            HttpServletRequest request, HttpServletResponse response, Object handler, Exception failure) {
        permits.release();
    }
}
