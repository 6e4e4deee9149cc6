package io.onlyonce.sink.connect;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.PathSegment;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.connect.rest.ConnectRestExtension;
import org.apache.kafka.connect.rest.ConnectRestExtensionContext;

/**
 * Rejects requests that a foreign web page makes a browser send, as an extension of the worker. Connect has no user and no
 * password, and without this guard a page could read and restart the connectors of a worker on the same machine: through its
 * own name that resolves to 127.0.0.1 (DNS rebinding), or through a form.
 *
 * <p>Also disables the validation of configurations: its response contains the values of <code>${env:NAME}</code>, for example
 * the password of the database, in clear text. The responses of all other requests contain the placeholders.
 *
 * <p>Connect creates an extension with a constructor without arguments, so the filter is registered in {@link #register}.
 */
@PreMatching
public final class BrowserGuard implements ConnectRestExtension, ContainerRequestFilter {
    /** Worker setting: names, separated by commas, under which clients reach the worker. */
    static final String ALLOWED_HOSTS = "onlyonce.rest.allowed.hosts";

    private static final Set<String> READING_METHODS = Set.of("GET", "HEAD");
    private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");

    private Set<String> allowedHosts = Set.copyOf(LOOPBACK);

    /** Also allows the worker's own advertised name, which the workers of a cluster use for one another. */
    @Override
    public void configure(Map<String, ?> configs) {
        Stream<String> own = Stream.of("rest.advertised.host.name", ALLOWED_HOSTS)
                .flatMap(key -> Stream.ofNullable(configs.get(key)))
                .flatMap(names -> Arrays.stream(names.toString().split(",")));
        allowedHosts = Stream.concat(LOOPBACK.stream(), own)
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public void register(ConnectRestExtensionContext context) {
        context.configurable().register(this);
    }

    @Override
    public void filter(ContainerRequestContext request) {
        String host = request.getHeaderString(HttpHeaders.HOST);
        if (!isAllowedHost(host)) {
            reject(request, Response.Status.FORBIDDEN, "The host is not in " + ALLOWED_HOSTS);
        } else if (!isOwnOrigin(request.getHeaderString("Origin"), host)) {
            reject(request, Response.Status.FORBIDDEN, "The request comes from a page of another origin");
        } else if (!READING_METHODS.contains(request.getMethod()) && hasOtherContentThanJson(request)) {
            reject(request, Response.Status.UNSUPPORTED_MEDIA_TYPE, "The Content-Type must be application/json");
        } else if (isValidation(request)) {
            reject(request, Response.Status.FORBIDDEN, "The validation is disabled because it returns passwords");
        }
    }

    /** @param host the header, with or without a port; null if it is missing */
    boolean isAllowedHost(String host) {
        return host != null
                && allowedHosts.contains(host.replaceFirst(":\\d*$", "").toLowerCase(Locale.ROOT));
    }

    /** A client that is not a browser sends no origin. A browser sends it with every request except a simple GET. */
    private static boolean isOwnOrigin(String origin, String host) {
        return origin == null || origin.equals("http://" + host) || origin.equals("https://" + host);
    }

    /** A form cannot send JSON. A request without content has no type, for example a restart. */
    private static boolean hasOtherContentThanJson(ContainerRequestContext request) {
        MediaType type = request.getMediaType();
        return type != null && !type.isCompatible(MediaType.APPLICATION_JSON_TYPE);
    }

    /** Compares segments, because Connect ignores matrix parameters and a slash at the end. */
    private static boolean isValidation(ContainerRequestContext request) {
        return request.getUriInfo().getPathSegments().stream()
                .map(PathSegment::getPath)
                .toList()
                .containsAll(List.of("connector-plugins", "config", "validate"));
    }

    /** The body has the form of Connect's own error messages. */
    private static void reject(ContainerRequestContext request, Response.Status status, String message) {
        request.abortWith(Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity("{\"error_code\":%d,\"message\":\"%s\"}".formatted(status.getStatusCode(), message))
                .build());
    }

    @Override
    public void close() {}

    @Override
    public String version() {
        return "1";
    }
}
