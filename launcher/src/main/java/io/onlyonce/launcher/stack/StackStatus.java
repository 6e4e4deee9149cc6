package io.onlyonce.launcher.stack;

import io.onlyonce.platform.Component;
import io.onlyonce.verifier.ComponentName;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The state of all components at one time. */
public record StackStatus(List<Row> rows) {
    /**
     * @param state running, stopped, or failed if the process ended without a command
     * @param pid the process id, or "-"
     * @param health ok, "-" if the component was stopped, or else the reason
     */
    public record Row(ComponentName name, String state, String pid, int port, String health) {
        public boolean isHealthy() {
            return health.equals("ok");
        }
    }

    /** Checks the components in parallel. Returns within some seconds, even if all of them are frozen. */
    public static StackStatus of(Stack stack) throws InterruptedException {
        try (HealthCheck check = new HealthCheck(stack.systemUnderTest(), stack.url(ComponentName.CONNECT));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            return new StackStatus(threads
                    .invokeAll(Arrays.stream(ComponentName.values())
                            .map(name -> (Callable<Row>) () -> row(stack, name, check))
                            .toList())
                    .stream()
                    .map(Future::resultNow)
                    .toList());
        }
    }

    private static Row row(Stack stack, ComponentName name, HealthCheck check) throws InterruptedException {
        Component component = stack.component(name);
        int port = stack.url(name).getPort();
        if (component.isAlive()) {
            return new Row(name, "running", Long.toString(component.pid()), port, check.of(name));
        }
        return component.hasFailed()
                ? new Row(name, "failed", "-", port, "stopped unexpectedly: " + component.lastLogLine())
                : new Row(name, "stopped", "-", port, "-");
    }

    public boolean isHealthy() {
        return rows.stream().allMatch(Row::isHealthy);
    }
}
