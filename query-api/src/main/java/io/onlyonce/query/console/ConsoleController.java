package io.onlyonce.query.console;

import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.parts.Answer;
import io.onlyonce.query.parts.NotRunningException;
import io.onlyonce.query.parts.Part;
import io.onlyonce.query.parts.Parts;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Passes the console's calls on to the producer and the consumer, so that the page needs one origin and they need allow
 * none. Only what the page uses is passed on, with the page's admin token: they decide what it opens.
 */
@RestController
@Hidden
final class ConsoleController {
    private static final String PREFIX = "/console";

    /** A change of the processing mode restarts the topology. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Map<String, Set<String>> PASSED_ON = Map.of(
            "GET", Set.of("/producer/config", "/consumer/config"),
            "POST",
                    Set.of(
                            "/producer/config",
                            "/producer/orders",
                            "/producer/simulate/duplicate",
                            "/consumer/config",
                            "/consumer/simulate/crash"));

    private final Parts parts;

    ConsoleController(Parts parts) {
        this.parts = parts;
    }

    @RequestMapping(
            path = PREFIX + "/**",
            method = {RequestMethod.GET, RequestMethod.POST})
    ResponseEntity<byte[]> passOn(
            HttpServletRequest request,
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) String authorization,
            @RequestHeader(name = "Sec-Fetch-Site", defaultValue = "same-origin") String site,
            @RequestBody(required = false) byte[] body) {
        if (!site.equals("same-origin")) {
            // Another site's page in the same browser could reach this address, too.
            throw new ErrorResponseException(HttpStatus.FORBIDDEN);
        }
        String path = request.getRequestURI().substring(PREFIX.length());
        if (!PASSED_ON.getOrDefault(request.getMethod(), Set.of()).contains(path)) {
            throw new ErrorResponseException(HttpStatus.NOT_FOUND);
        }
        Part part = path.startsWith("/producer") ? Part.PRODUCER : Part.CONSUMER;
        try {
            Answer answer = parts.call(
                    part,
                    request.getMethod(),
                    path.substring(path.indexOf('/', 1)),
                    body == null ? new byte[0] : body,
                    authorization,
                    LIMIT);
            return ResponseEntity.status(answer.status())
                    .contentType(MediaType.parseMediaType(answer.contentType()))
                    .body(answer.body());
        } catch (NotRunningException e) {
            throw new UnavailableException(e.getMessage(), e);
        }
    }
}
