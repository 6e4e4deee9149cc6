package io.onlyonce.platform.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Starts a program in a new session, which has no controlling terminal. Ctrl-C then signals only the launcher, which stops
 * the components in order, and closing the terminal signals none of them.
 */
final class NewSession {
    /** Both alternatives exec the program, so the process id does not change. */
    private static final List<String> PREFIX = Stream.of("/usr/bin/setsid", "/bin/setsid")
            .filter(program -> Files.isExecutable(Path.of(program)))
            .findFirst()
            .map(List::of)
            // macOS has Perl but no setsid.
            .orElse(List.of("perl", "-e", "use POSIX; POSIX::setsid(); exec {$ARGV[0]} @ARGV; die $!", "--"));

    private NewSession() {}

    static List<String> of(List<String> command) {
        return Stream.concat(PREFIX.stream(), command.stream()).toList();
    }
}
