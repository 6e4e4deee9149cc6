package io.onlyonce.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A part's program as the compose file has it: in an image. It sees the folders by the paths that they have on the host,
 * and lives on the host's network, so that ports and files are those of the process it stands for.
 *
 * @param repository of the image; its tag stands in docker-compose.yml
 * @param folders of the host that it reads and writes
 * @param readOnlyFolders of the host
 * @param asOurselves whether it runs as whoever runs the tests, so that its files are theirs to remove
 * @param entrypoint other than the image's
 * @param command the image's own where it is empty
 */
record ImageProgram(
        String repository,
        List<Path> folders,
        List<Path> readOnlyFolders,
        boolean asOurselves,
        Map<String, String> environment,
        Optional<String> entrypoint,
        List<String> command) {

    /** Whether tests run the parts in images: `mvn verify -Pcontainers`. */
    static boolean areChosen() {
        return Boolean.getBoolean("lab.containers");
    }

    String imageWithTag(ProjectHome home) {
        Path composeFile = home.root().resolve("docker-compose.yml");
        try {
            return Pattern.compile("(?m)^ *image: (" + Pattern.quote(repository) + "(:\\S+)?)$")
                    .matcher(Files.readString(composeFile))
                    .results()
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(composeFile + " names no image of " + repository))
                    .group(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
