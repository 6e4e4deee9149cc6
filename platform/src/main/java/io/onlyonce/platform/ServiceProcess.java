package io.onlyonce.platform;

import io.onlyonce.platform.process.ContainerProgram;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One of the three services of this project. */
public final class ServiceProcess extends Component {
    /** The application context was generated at build time (Spring AOT). */
    private static final List<String> FLAGS = List.of("-Xmx256m", "-Dspring.aot.enabled=true");

    private final Program program;

    public enum Program {
        PRODUCER("ingest-api"),
        CONSUMER("order-stream"),
        API("query-api");

        private final String module;

        Program(String module) {
            this.module = module;
        }

        public String componentName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param environment variables that the service's application.yaml reads; SERVER_PORT and SERVER_ADDRESS are added */
    public ServiceProcess(RunContext context, Program program, int port, Map<String, String> environment) {
        Map<String, String> complete = new HashMap<>(environment);
        complete.put("SERVER_PORT", Integer.toString(port));
        complete.put("SERVER_ADDRESS", "127.0.0.1");
        super(program.componentName(), context, port, complete);
        this.program = program;
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    List<String> command() throws IOException {
        Path jar = home.program(program.module);
        return concat(java(), FLAGS, startupFlags(jar.getParent()), List.of("-jar", jar.toString()));
    }

    @Override
    ContainerProgram.Image image() {
        // The parent directory, because the environment can refer to other directories in it.
        List<Path> folders = List.of(directory.getParent());
        return new ContainerProgram.Image("onlyonce/" + name(), folders, environment, Optional.empty(), List.of());
    }

    /** The health of the query API includes the connectors, which can start later. It is ready when it accepts connections. */
    @Override
    boolean isReady() throws IOException {
        return program == Program.API ? Ports.hasListener(port) : isHealthy(url());
    }
}
