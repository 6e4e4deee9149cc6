package io.onlyonce.platform.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.regex.Pattern;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.utility.DockerImageName;

/** A program in a container. Testcontainers removes the container when this JVM ends. */
public final class ContainerProgram implements RunningProgram {
    private final GenericContainer<?> container;

    private ContainerProgram(GenericContainer<?> container) {
        this.container = container;
    }

    /** @param log receives the output; it is appended to */
    public static RunningProgram start(ImageProgram program, Path composeFile, Path log) {
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
        container.withCreateContainerCmdModifier(create -> {
            program.entrypoint().ifPresent(create::withEntrypoint);
            // The tests can then delete the files of the program.
            create.withUser(currentUser());
        });
        container.start();
        return new ContainerProgram(container);
    }

    /** The image with the tag that the compose file uses. */
    private static String image(ImageProgram program, Path composeFile) {
        Pattern line = Pattern.compile("(?m)^ *image: (" + Pattern.quote(program.repository()) + "(:\\S+)?)$");
        try {
            return line.matcher(Files.readString(composeFile))
                    .results()
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(composeFile + " has no image " + program.repository()))
                    .group(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String currentUser() {
        try {
            Path self = Path.of("/proc/self");
            return Files.getAttribute(self, "unix:uid") + ":" + Files.getAttribute(self, "unix:gid");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void append(OutputFrame frame, Path log) {
        if (frame.getBytes() == null) {
            return;
        }
        try {
            Files.write(log, frame.getBytes(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            // The test has already deleted its directory.
        }
    }

    @Override
    public long pid() {
        return container.getCurrentContainerInfo().getState().getPidLong();
    }

    @Override
    public boolean isAlive() {
        return container.isRunning();
    }

    @Override
    public void terminate(Signal signal, Duration timeout) {
        if (isAlive()) {
            thaw();
            container
                    .getDockerClient()
                    .killContainerCmd(container.getContainerId())
                    .withSignal(signal.name())
                    .exec();
            endsWithin(timeout);
        }
        container.stop();
    }

    /** Also removes the container. The data is in the mounted directories. */
    @Override
    public void kill() {
        if (isAlive()) {
            thaw();
        }
        container.stop();
    }

    @Override
    public void freeze() {
        container
                .getDockerClient()
                .pauseContainerCmd(container.getContainerId())
                .exec();
    }

    @Override
    public void thaw() {
        if (Boolean.TRUE.equals(container.getCurrentContainerInfo().getState().getPaused())) {
            container
                    .getDockerClient()
                    .unpauseContainerCmd(container.getContainerId())
                    .exec();
        }
    }
}
