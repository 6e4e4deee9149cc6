package io.onlyonce.platform;

import io.onlyonce.platform.process.ImageProgram;
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

    private final ProjectHome home;
    private final Program program;
    private final int port;
    private final Map<String, String> environment;

    /** The services and their Maven modules. */
    public enum Program {
        PRODUCER("ingest-api"),
        CONSUMER("order-stream"),
        API("query-api");

        private final String module;

        Program(String module) {
            this.module = module;
        }

        /** The name of the compose service. */
        public String componentName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param environment variables that the service's application.yaml reads; SERVER_PORT and SERVER_ADDRESS are added */
    public ServiceProcess(RunContext context, Program program, int port, Map<String, String> environment) {
        super(program.componentName(), context);
        this.home = context.home();
        this.program = program;
        this.port = port;
        this.environment = new HashMap<>(environment);
        this.environment.put("SERVER_PORT", Integer.toString(port));
        this.environment.put("SERVER_ADDRESS", "127.0.0.1");
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    void prepare() {}

    @Override
    List<String> command() {
        Path jar = home.program(program.module);
        return concat(java(), FLAGS, startupFlags(jar.getParent()), List.of("-jar", jar.toString()));
    }

    @Override
    Map<String, String> environment() {
        return environment;
    }

    @Override
    ImageProgram image() {
        // The parent directory, because the environment can refer to other directories in it.
        List<Path> folders = List.of(directory().getParent());
        return new ImageProgram("onlyonce/" + name(), folders, environment, Optional.empty(), List.of());
    }

    @Override
    boolean isReady() throws IOException {
        return isHealthy(url());
    }
}
