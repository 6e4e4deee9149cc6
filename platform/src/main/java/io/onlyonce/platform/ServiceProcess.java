package io.onlyonce.platform;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** One of our own services. */
public final class ServiceProcess extends ProcessComponent {
    /** The heap is bounded; the application context was worked out when the program was built. */
    private static final List<String> FLAGS = List.of("-Xmx256m", "-Dspring.aot.enabled=true");

    private final ProjectHome home;
    private final Program program;
    private final int port;
    private final Map<String, String> environment;

    /** The services, each with what its JVM is given. */
    public enum Program {
        PRODUCER("ingest-api"),
        CONSUMER("order-stream"),
        API("query-api");

        private final String module;

        Program(String module) {
            this.module = module;
        }

        /** As the contract calls the part. */
        public String partName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** @param environment as the service's application.yaml reads it; SERVER_PORT is added */
    public ServiceProcess(RunContext site, Program program, int port, Map<String, String> environment) {
        super(program.partName(), site);
        this.home = site.home();
        this.program = program;
        this.port = port;
        this.environment = Map.copyOf(environment);
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    void prepare() {}

    @Override
    List<String> command() {
        Path jar = home.program(program.module);
        return Stream.of(Java.command(), FLAGS, startupFlags(jar.getParent()), List.of("-jar", jar.toString()))
                .flatMap(List::stream)
                .toList();
    }

    @Override
    Map<String, String> environment() {
        return Stream.concat(
                        environment.entrySet().stream(),
                        Map.of("SERVER_PORT", Integer.toString(port), "SERVER_ADDRESS", "127.0.0.1")
                                .entrySet()
                                .stream())
                .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Override
    ImageProgram image() {
        return new ImageProgram(
                "onlyonce/" + name(),
                // The part's own, and those beside it that its environment may name.
                List.of(directory().getParent()),
                List.of(),
                true,
                environment(),
                Optional.empty(),
                List.of());
    }

    @Override
    boolean isReady() throws Exception {
        return Http.isOk(url().resolve("/health"));
    }
}
