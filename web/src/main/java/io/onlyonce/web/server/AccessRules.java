package io.onlyonce.web.server;

import io.onlyonce.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;

/**
 * Rejects requests that a page of another site sends through the user's browser. The loopback interface is reachable from
 * every page that the browser displays.
 *
 * <p>A page cannot choose the header {@code Host}: it contains the name in the page's URL. With DNS rebinding, that name
 * belongs to the attacker and resolves to this machine. An IP address needs no resolution, so it cannot be rebound.
 */
final class AccessRules {
    private static final Pattern IPV4_ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Set<HttpMethod> SAFE_METHODS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    /** Pages of other sites. A different port of localhost is the same site, but another origin. */
    private static final Set<String> FOREIGN_SITES = Set.of("cross-site", "same-site");
    /** If such a header were repeated, the service and a proxy in front of it could use different values. */
    private static final List<String> SINGLE_HEADERS =
            List.of("Idempotency-Key", HttpHeaders.AUTHORIZATION, HttpHeaders.CONTENT_TYPE, HttpHeaders.ORIGIN);

    private final Set<String> names;

    AccessRules(List<String> allowedHosts) {
        names = Stream.concat(Stream.of("localhost"), allowedHosts.stream())
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** @throws org.springframework.web.ErrorResponseException if the request is rejected */
    void check(HttpServletRequest request) {
        if (!isAllowed(request.getServerName())) {
            throw Problem.of(
                    HttpStatus.FORBIDDEN,
                    "The host \"%s\" is not allowed. Use localhost or an IP address, or add the name to ALLOWED_HOSTS"
                            .formatted(request.getServerName()));
        }
        for (String header : SINGLE_HEADERS) {
            if (Collections.list(request.getHeaders(header)).size() > 1) {
                throw Problem.of(HttpStatus.BAD_REQUEST, "The header " + header + " must not be repeated");
            }
        }
        if (!SAFE_METHODS.contains(HttpMethod.valueOf(request.getMethod())) && isForeign(request)) {
            throw Problem.of(HttpStatus.FORBIDDEN, "This service does not accept changes from pages of other sites");
        }
    }

    private boolean isAllowed(String host) {
        return names.contains(host.toLowerCase(Locale.ROOT))
                || host.startsWith("[")
                || IPV4_ADDRESS.matcher(host).matches();
    }

    /** Browsers send both headers. Other clients do not have to send any. */
    private static boolean isForeign(HttpServletRequest request) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        String site = request.getHeader("Sec-Fetch-Site");
        return (site != null && FOREIGN_SITES.contains(site)) || (origin != null && !isOwn(origin, request));
    }

    private static boolean isOwn(String origin, HttpServletRequest request) {
        String host = request.getHeader(HttpHeaders.HOST);
        try {
            return host != null && host.equalsIgnoreCase(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
