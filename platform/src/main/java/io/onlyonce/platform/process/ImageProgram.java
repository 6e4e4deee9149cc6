package io.onlyonce.platform.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The program of a component as an image. The container uses the network of the host and mounts directories at the same
 * paths, so that ports and files are the same as for a process.
 *
 * @param repository the image without its tag, which is read from docker-compose.yml
 * @param folders directories of the host that the program uses
 * @param entrypoint replaces the entrypoint of the image
 * @param command replaces the command of the image, unless it is empty
 */
public record ImageProgram(
        String repository,
        List<Path> folders,
        Map<String, String> environment,
        Optional<String> entrypoint,
        List<String> command) {

    /** Whether tests run the components in images: {@code mvn verify -Pcontainers}. */
    public static boolean isEnabled() {
        return Boolean.getBoolean("lab.containers");
    }
}
