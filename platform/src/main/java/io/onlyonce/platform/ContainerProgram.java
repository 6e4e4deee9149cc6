package io.onlyonce.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.utility.DockerImageName;

/** A program in a container, by Testcontainers, which also removes it when this JVM ends. */
final class ContainerProgram implements RunningProgram {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final GenericContainer<?> container;

    private ContainerProgram(GenericContainer<?> container) {
        this.container = container;
    }

    /** @param log appended to */
    static ContainerProgram start(ImageProgram program, ProjectHome home, Path log) {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(program.imageWithTag(home)))
                .withNetworkMode("host")
                .withEnv(program.environment())
                .withLogConsumer(frame -> append(frame, log));
        program.folders()
                .forEach(folder ->
                        container.withFileSystemBind(folder.toString(), folder.toString(), BindMode.READ_WRITE));
        program.readOnlyFolders()
                .forEach(folder ->
                        container.withFileSystemBind(folder.toString(), folder.toString(), BindMode.READ_ONLY));
        if (!program.command().isEmpty()) {
            container.withCommand(program.command().toArray(String[]::new));
        }
        container.withCreateContainerCmdModifier(create -> {
            program.entrypoint().ifPresent(create::withEntrypoint);
            if (program.asOurselves()) {
                create.withUser(ourselves());
            }
        });
        container.start();
        return new ContainerProgram(container);
    }

    private static String ourselves() {
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
            // The folder is gone: so is whoever would have read it.
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
    public boolean endsWithin(Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        while (isAlive()) {
            if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(Math.min(PAUSE.toNanos(), time.toNanos()));
        }
        return true;
    }

    @Override
    public void end(Signal signal, Duration patience) {
        if (isAlive()) {
            thaw();
            container
                    .getDockerClient()
                    .killContainerCmd(container.getContainerId())
                    .withSignal(signal.name())
                    .exec();
            endsWithin(patience);
        }
        container.stop();
    }

    /** And removes it: all that outlives a part is in its folder. */
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
