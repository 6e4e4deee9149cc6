package io.onlyonce.query.services;

import io.onlyonce.query.services.ServiceClient.Service;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
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

    private static final Set<String> ALLOWED_REQUESTS = Set.of(
            "GET /producer/config",
            "GET /consumer/config",
            "POST /producer/config",
            "POST /producer/orders",
            "POST /producer/simulate/duplicate",
            "POST /consumer/config",
            "POST /consumer/simulate/crash");

    private final ServiceClient services;

    ConsoleController(ServiceClient services) {
        this.services = services;
    }

    @RequestMapping(
            path = PREFIX + "/**",
            method = {RequestMethod.GET, RequestMethod.POST})
    ResponseEntity<byte[]> forward(
            HttpServletRequest request,
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) String authorization,
            @RequestHeader(name = "Sec-Fetch-Site", defaultValue = "same-origin") String site,
            @RequestBody(required = false) byte[] body) {
        if (!site.equals("same-origin")) {
            // The page of another site in the same browser can send requests to this address, too.
            throw new ErrorResponseException(HttpStatus.FORBIDDEN);
        }
        String path = request.getRequestURI().substring(PREFIX.length());
        if (!ALLOWED_REQUESTS.contains(request.getMethod() + " " + path)) {
            throw new ErrorResponseException(HttpStatus.NOT_FOUND);
        }
        return services.call(
                path.startsWith("/producer") ? Service.PRODUCER : Service.CONSUMER,
                request.getMethod(),
                path.substring(path.indexOf('/', 1)),
                body == null ? new byte[0] : body,
                authorization,
                TIMEOUT);
    }
}
