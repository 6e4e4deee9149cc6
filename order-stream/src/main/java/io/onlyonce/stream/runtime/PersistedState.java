package io.onlyonce.stream.runtime;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.SYNC;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.stream.topology.Mode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

/**
 * The state that is kept across restarts in addition to the dedup store, in one file of the state directory: the
 * processing mode, whether the local store can be used, and the number of simulated crashes. Thread-safe.
 */
public final class PersistedState {
    private static final String PROCESSING_MODE = "processing_mode";
    private static final String ENABLE_IDEMPOTENCY = "enable_idempotency";
    private static final String STORE_DIRTY = "store_dirty";
    private static final String CRASHES_SIMULATED = "crashes_simulated";

    private final Path file;
    private Mode mode;
    private boolean storeDirty;
    private long crashesSimulated;

    /** @throws IllegalStateException if the file exists, but is not valid */
    public PersistedState(Path stateDir, Mode initialMode) {
        file = stateDir.resolve("stream.properties");
        mode = initialMode;
        try {
            Files.createDirectories(stateDir);
            if (Files.exists(file)) {
                read();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The state directory " + stateDir + " is not usable", e);
        }
    }

    public synchronized Mode mode() {
        return mode;
    }

    /** Returns true if the local store can contain uncommitted entries, after an unclean shutdown under exactly-once. */
    synchronized boolean storeDirty() {
        return storeDirty;
    }

    public synchronized long crashesSimulated() {
        return crashesSimulated;
    }

    synchronized void setMode(Mode newMode) {
        write(newMode, storeDirty, crashesSimulated);
    }

    synchronized void setStoreDirty(boolean dirty) {
        if (dirty != storeDirty) {
            write(mode, dirty, crashesSimulated);
        }
    }

    public synchronized void countCrash() {
        write(mode, storeDirty, crashesSimulated + 1);
    }

    private void read() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
            mode = new Mode(
                    ProcessingMode.of(properties.getProperty(PROCESSING_MODE)),
                    Boolean.parseBoolean(properties.getProperty(ENABLE_IDEMPOTENCY)));
            storeDirty = Boolean.parseBoolean(properties.getProperty(STORE_DIRTY));
            crashesSimulated = Long.parseLong(properties.getProperty(CRASHES_SIMULATED, "0"));
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(file + " is not valid; delete it to start in the configured mode", e);
        }
    }

    /** Replaces the file atomically and durably. */
    private void write(Mode newMode, boolean newDirty, long newCrashes) {
        String text = "%s=%s%n%s=%s%n%s=%s%n%s=%s%n"
                .formatted(
                        PROCESSING_MODE,
                        newMode.processing().wireName(),
                        ENABLE_IDEMPOTENCY,
                        newMode.deduplicating(),
                        STORE_DIRTY,
                        newDirty,
                        CRASHES_SIMULATED,
                        newCrashes);
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(temporary, text, CREATE, TRUNCATE_EXISTING, WRITE, SYNC);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
        mode = newMode;
        storeDirty = newDirty;
        crashesSimulated = newCrashes;
    }
}
