package io.onlyonce.platform.process;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.utility.DockerImageName;

/** A program in a container. Testcontainers removes the container when this JVM ends. */
public final class ContainerProgram implements RunningProgram {
    /**
     * The program of a component as an image. The container uses the network of the host and mounts directories at the
     * same paths, so that ports and files are the same as for a process.
     *
     * @param repository the image without its tag, which is read from docker-compose.yml
     * @param folders directories of the host that the program uses
     * @param entrypoint replaces the entrypoint of the image
     * @param command replaces the command of the image, unless it is empty
     */
    public record Image(
            String repository,
            List<Path> folders,
            Map<String, String> environment,
            Optional<String> entrypoint,
            List<String> command) {
        /** Whether tests use images ({@code -Pcontainers}). Here because the outer class needs Testcontainers to load. */
        public static boolean isEnabled() {
            return Boolean.getBoolean("lab.containers");
        }
    }

    private final GenericContainer<?> container;
    private final DockerClient docker;
    private final String id;

    private ContainerProgram(GenericContainer<?> container) {
        this.container = container;
        this.docker = container.getDockerClient();
        this.id = container.getContainerId();
    }

    /** @param log receives the output; it is appended to */
    public static RunningProgram start(Image program, Path composeFile, Path log) throws IOException {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image(program, composeFile)))
                .withNetworkMode("host")
                .withEnv(program.environment())
                .withLogConsumer(frame -> append(frame, log));
        for (Path folder : program.folders()) {
            container.withFileSystemBind(folder.toString(), folder.toString(), BindMode.READ_WRITE);
        }
        if (!program.command().isEmpty()) {
            container.withCommand(program.command().toArray(String[]::new));
        }
        // The tests can then delete the files of the program.
        Path self = Path.of("/proc/self");
        String user = Files.getAttribute(self, "unix:uid") + ":" + Files.getAttribute(self, "unix:gid");
        container.withCreateContainerCmdModifier(create -> {
            program.entrypoint().ifPresent(create::withEntrypoint);
            create.withUser(user);
        });
        container.start();
        return new ContainerProgram(container);
    }

    /** The image with the tag that the compose file uses. */
    private static String image(Image program, Path composeFile) throws IOException {
        Pattern line = Pattern.compile("(?m)^ *image: (" + Pattern.quote(program.repository()) + "(:\\S+)?)$");
        return line.matcher(Files.readString(composeFile))
                .results()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(composeFile + " has no image " + program.repository()))
                .group(1);
    }

    private static void append(OutputFrame frame, Path log) {
        try {
            if (frame.getBytes() != null) {
                Files.write(log, frame.getBytes(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        } catch (IOException e) {
            // The test has already deleted its directory.
        }
    }

    @Override
    public long pid() {
        return state().getPidLong();
    }

    @Override
    public boolean isAlive() {
        return container.isRunning();
    }

    @Override
    public void terminate(Signal signal, Duration timeout) {
        if (isAlive()) {
            thaw();
            docker.killContainerCmd(id).withSignal(signal.name()).exec();
            endsWithin(timeout);
        }
        container.stop();
    }

    /** Also removes the container. The data is in the mounted directories. */
    @Override
    public void kill() {
        thaw();
        container.stop();
    }

    @Override
    public void freeze() {
        docker.pauseContainerCmd(id).exec();
    }

    @Override
    public void thaw() {
        if (isAlive() && Boolean.TRUE.equals(state().getPaused())) {
            docker.unpauseContainerCmd(id).exec();
        }
    }

    private ContainerState state() {
        return container.getCurrentContainerInfo().getState();
    }
}
