package io.onlyonce.query.services;

import io.onlyonce.query.services.ServiceClient.Service;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * Forwards requests of the console to the producer and the consumer, so that these services need no CORS configuration.
 * Forwards only the requests that the page sends, including its admin token. The target service checks the token.
 */
@RestController
@Hidden
final class ConsoleController {
    private static final String PREFIX = "/console";

    /** Long enough for a change of the processing mode, which restarts the topology. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final ServiceClient services;

    ConsoleController(ServiceClient services) {
        this.services = services;
    }

    /** Other paths have no handler, so that their requests are rejected before the body is read. */
    @GetMapping({PREFIX + "/producer/config", PREFIX + "/consumer/config"})
    ResponseEntity<byte[]> read(
            HttpServletRequest request,
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) String authorization) {
        return forward(request, authorization, new byte[0]);
    }

    @PostMapping({
        PREFIX + "/producer/config",
        PREFIX + "/producer/orders",
        PREFIX + "/producer/simulate/duplicate",
        PREFIX + "/consumer/config",
        PREFIX + "/consumer/simulate/crash"
    })
    ResponseEntity<byte[]> change(
            HttpServletRequest request,
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) String authorization,
            @RequestBody(required = false) byte[] body) {
        return forward(request, authorization, body == null ? new byte[0] : body);
    }

    private ResponseEntity<byte[]> forward(HttpServletRequest request, String authorization, byte[] body) {
        String path = request.getRequestURI().substring(PREFIX.length());
        return services.call(
                path.startsWith("/producer") ? Service.PRODUCER : Service.CONSUMER,
                request.getMethod(),
                path.substring(path.indexOf('/', 1)),
                body,
                authorization,
                TIMEOUT);
    }
}
