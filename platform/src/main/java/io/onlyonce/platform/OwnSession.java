package io.onlyonce.platform;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Starts a program in a session of its own: Ctrl-C in the terminal reaches the launcher alone, which then stops the parts
 * in their order, and closing the terminal reaches nobody.
 */
final class OwnSession {
    private static final List<String> PREFIX = prefix();

    private OwnSession() {}

    static List<String> of(List<String> command) {
        return Stream.concat(PREFIX.stream(), command.stream()).toList();
    }

    /** Both become the program itself, so that the process id stays the same. */
    private static List<String> prefix() {
        for (String folder : List.of("/usr/bin", "/bin")) {
            Path setsid = Path.of(folder, "setsid");
            if (Files.isExecutable(setsid)) {
                return List.of(setsid.toString());
            }
        }
        // macOS has no setsid, but Perl.
        return new ArrayList<>(
                List.of("perl", "-e", "use POSIX; POSIX::setsid(); exec {$ARGV[0]} @ARGV; die $!", "--"));
    }
}
