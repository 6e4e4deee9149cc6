package io.onlyonce.platform;

import java.nio.file.Path;
import java.util.List;

/** The JVM that the parts run on: the same as this one. */
final class Java {
    private Java() {}

    /** The executable, and what keeps JDK 25 from warning about other people's libraries at every start. */
    static List<String> command() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow");
    }
}
