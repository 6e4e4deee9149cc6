package io.onlyonce.stream.runtime;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.SYNC;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.stream.topology.Mode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Properties;

/**
 * The state that is kept across restarts in addition to the dedup store, in one file of the state directory: the
 * processing mode and the number of simulated crashes. Thread-safe.
 */
public final class PersistedState {
    private static final String PROCESSING_MODE = "processing_mode";
    private static final String ENABLE_IDEMPOTENCY = "enable_idempotency";
    private static final String CRASHES_SIMULATED = "crashes_simulated";

    private final Path file;
    private final Properties values = new Properties();

    /** @throws IllegalStateException if the file exists, but is not valid */
    public PersistedState(Path stateDir, Mode initialMode) {
        file = stateDir.resolve("stream.properties");
        try {
            Files.createDirectories(stateDir);
            if (!Files.exists(file)) {
                values.putAll(fields(initialMode));
                return;
            }
            try (InputStream in = Files.newInputStream(file)) {
                values.load(in);
            }
            mode();
            crashesSimulated();
        } catch (IOException e) {
            throw new UncheckedIOException("The state directory " + stateDir + " is not usable", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(file + " is not valid; delete it to start in the configured mode", e);
        }
    }

    public synchronized Mode mode() {
        return new Mode(
                ProcessingMode.of(values.getProperty(PROCESSING_MODE)),
                Boolean.parseBoolean(values.getProperty(ENABLE_IDEMPOTENCY)));
    }

    public synchronized long crashesSimulated() {
        return Long.parseLong(values.getProperty(CRASHES_SIMULATED, "0"));
    }

    synchronized void setMode(Mode mode) {
        write(fields(mode));
    }

    public synchronized void countCrash() {
        write(Map.of(CRASHES_SIMULATED, Long.toString(crashesSimulated() + 1)));
    }

    private static Map<String, String> fields(Mode mode) {
        return Map.of(
                PROCESSING_MODE, mode.processing().wireName(),
                ENABLE_IDEMPOTENCY, Boolean.toString(mode.deduplicating()));
    }

    /** Replaces the file atomically and durably. */
    private void write(Map<String, String> changes) {
        Properties changed = (Properties) values.clone();
        changed.putAll(changes);
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        try {
            try (OutputStream out = Files.newOutputStream(temporary, CREATE, TRUNCATE_EXISTING, WRITE, SYNC)) {
                changed.store(out, null);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
        values.putAll(changes);
    }
}
