package io.onlyonce.platform.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * An AOT cache of a JVM (JEP 483, JEP 514, JEP 515): classes that an AOT training run loaded, linked and profiled. It
 * reduces the start-up time of a service from about 6 s to 2 s.
 *
 * @param file the cache, which may not exist yet
 * @param program directory with the program and its libraries; the JVM ignores the cache if any jar has changed
 */
public record StartupCache(Path file, Path program) {
    public boolean isFresh() {
        long created = file.toFile().lastModified();
        try (Stream<Path> files = Files.walk(program)) {
            return files.allMatch(path -> path.toFile().lastModified() < created);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The JVM flags for a start with this cache; none if the cache is stale or missing. */
    public List<String> useFlags() {
        return isFresh() ? List.of("-XX:AOTCache=" + file, "-Xlog:aot*=off") : List.of();
    }

    /** The JVM flags for an AOT training run, which writes a stale or missing cache during its clean shutdown. */
    public List<String> trainFlags() {
        if (isFresh()) {
            return useFlags();
        }
        try {
            Files.createDirectories(file.getParent());
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of("-XX:AOTCacheOutput=" + file, "-Xlog:aot*=off");
    }
}
