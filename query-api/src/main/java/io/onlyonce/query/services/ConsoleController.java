package io.onlyonce.query.services;

import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.services.ServiceClient.Service;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.HandlerMapping;
import tools.jackson.databind.json.JsonMapper;

/**
 * Forwards requests of the console to the services, so that they need no CORS configuration. Forwards only the requests that
 * the page sends, including its admin token. The target service checks the token.
 *
 * <p>The response is an envelope with status 200: a component that is down is data for the page, and the browser would report
 * every failed request as an error of the page.
 */
@RestController
@Hidden
final class ConsoleController {
    private static final String PREFIX = "/console";

    /** Long enough for a change of the processing mode, which restarts the topology. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** An audit of millions of orders takes minutes. */
    private static final Duration API_TIMEOUT = Duration.ofMinutes(10);

    private static final Duration LIST_AGE = Duration.ofSeconds(1);
    private static final int LIST_LIMIT = 10;
    private static final byte[] NO_BODY = {};

    private final ServiceClient services;
    private final JsonMapper json;
    private final Map<String, SharedResponse> lists = new ConcurrentHashMap<>();

    ConsoleController(ServiceClient services, JsonMapper json) {
        this.services = services;
        this.json = json;
    }

    /** The response of the target, or a problem if it did not respond. */
    record Envelope(int status, String body) {}

    /** The newest elements of a list. All open consoles share one read per second. */
    @GetMapping({
        PREFIX + "/api/orders",
        PREFIX + "/api/duplicates",
        PREFIX + "/api/dead-letters",
        PREFIX + "/api/verdicts"
    })
    Envelope list(
            HttpServletRequest request,
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) String authorization) {
        String path = (String) request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        return lists.computeIfAbsent(path, key -> new SharedResponse(LIST_AGE))
                .get(authorization, () -> call("GET", path, "?limit=" + LIST_LIMIT, authorization, NO_BODY));
    }

    /** Other paths have no handler, so that their requests are rejected before the body is read. */
    @GetMapping({
        PREFIX + "/api/audit",
        PREFIX + "/api/orders/{order_id}",
        PREFIX + "/api/orders/{order_id}/records",
        PREFIX + "/api/components/{name}/log"
    })
    Envelope read(
            HttpServletRequest request,
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) String authorization) {
        return forward(request, authorization, NO_BODY);
    }

    @PostMapping({
        PREFIX + "/producer/orders",
        PREFIX + "/producer/simulate/duplicate",
        PREFIX + "/consumer/config",
        PREFIX + "/consumer/simulate/crash",
        PREFIX + "/api/reset",
        PREFIX + "/api/components/{name}/{action}",
        PREFIX + "/api/dead-letters/{topic}/{partition}/{offset}/replay"
    })
    Envelope change(
            HttpServletRequest request,
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) String authorization,
            @RequestBody(required = false) byte[] body) {
        return forward(request, authorization, body == null ? NO_BODY : body);
    }

    private Envelope forward(HttpServletRequest request, String authorization, byte[] body) {
        String query = request.getQueryString() == null ? "" : "?" + request.getQueryString();
        return call(request.getMethod(), request.getRequestURI(), query, authorization, body);
    }

    /** @param path the prefix, the name of the service, and the path of the service */
    private Envelope call(String method, String path, String query, String authorization, byte[] body) {
        int name = PREFIX.length() + 1;
        int slash = path.indexOf('/', name);
        Service service = Service.valueOf(path.substring(name, slash).toUpperCase(Locale.ROOT));
        Duration timeout = service == Service.API ? API_TIMEOUT : TIMEOUT;
        try {
            ResponseEntity<byte[]> response =
                    services.call(service, method, path.substring(slash) + query, body, authorization, timeout);
            return new Envelope(
                    response.getStatusCode().value(), new String(response.getBody(), StandardCharsets.UTF_8));
        } catch (UnavailableException e) {
            return new Envelope(
                    HttpStatus.SERVICE_UNAVAILABLE.value(), json.writeValueAsString(Map.of("detail", e.getReason())));
        }
    }
}
