package io.onlyonce.launcher;

import io.onlyonce.platform.Component;
import io.onlyonce.platform.Lifetime;
import io.onlyonce.verifier.ComponentName;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "status",
        description = "Show each part: whether it runs, where, and whether it can do its job. 0 when all can.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(6);

    @Override
    public Integer call() throws InterruptedException {
        Stack stack = UserStack.open(Lifetime.DETACHED);
        boolean well = true;
        System.out.printf("%-10s %-8s %-8s %-6s %s%n", "PART", "STATE", "PID", "PORT", "HEALTH");
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            for (ComponentName name : ComponentName.values()) {
                Component part = stack.part(name);
                boolean alive = part.isAlive();
                String health = alive ? health(http, stack, name) : "-";
                well &= alive && (health.equals("ok") || health.equals("-"));
                System.out.printf(
                        "%-10s %-8s %-8s %-6d %s%n",
                        name.wireName(),
                        alive ? "running" : "stopped",
                        alive ? part.pid() : "-",
                        stack.ports().of(name),
                        health);
            }
        }
        return well ? 0 : Lab.BROKEN;
    }

    /** Kafka and PostgreSQL have no HTTP: that they run is what is known of them; the services' health tells the rest. */
    private static String health(HttpClient http, Stack stack, ComponentName name) throws InterruptedException {
        URI uri = switch (name) {
            case KAFKA, POSTGRES -> null;
            case CONNECT -> stack.url(name);
            case PRODUCER, CONSUMER, API -> stack.url(name).resolve("/health");
        };
        if (uri == null) {
            return "-";
        }
        try {
            HttpRequest request = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
            var response = http.send(request, BodyHandlers.ofString());
            return response.statusCode() == 200 ? "ok" : response.body();
        } catch (IOException e) {
            return "no answer: " + e.getMessage();
        }
    }
}
