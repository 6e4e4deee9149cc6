package io.onlyonce.platform;

import java.nio.file.Path;
import java.util.List;

/** The JVM that the parts run on: the same as this one. */
final class Java {
    private Java() {}

    /**
     * The executable, what keeps JDK 25 from warning about other people's libraries at every start, and the collector for
     * small heaps: the default one, made for large ones, marked in the background all the time, which was a fifth of the
     * stream's processor time at full speed.
     */
    static List<String> command() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow");
    }
}
