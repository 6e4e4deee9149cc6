package io.onlyonce.stream;

import io.onlyonce.model.ProcessingMode;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;

/**
 * The little that outlives the process besides the dedup memory, in one file of the state directory: the mode, so that a
 * crash restarts in the mode it was in; whether the memory's local store is to be trusted; and how many crashes were
 * simulated, which no process lives long enough to show.
 */
final class PersistedState {
    private static final String PROCESSING_MODE = "processing_mode";
    private static final String ENABLE_IDEMPOTENCY = "enable_idempotency";
    private static final String STORE_DIRTY = "store_dirty";
    private static final String CRASHES_SIMULATED = "crashes_simulated";

    private final Path file;
    private Mode mode;
    private boolean storeDirty;
    private long crashesSimulated;

    /** @throws IllegalStateException where the file is there and says nothing sensible */
    PersistedState(Path stateDir, Mode initialMode) {
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

    synchronized Mode mode() {
        return mode;
    }

    /** Whether the local store may hold what was never committed: an exactly-once topology did not end in order. */
    synchronized boolean storeDirty() {
        return storeDirty;
    }

    synchronized long crashesSimulated() {
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

    synchronized void countCrash() {
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
            throw new IllegalStateException(file + " is damaged; delete it to start in the configured mode", e);
        }
    }

    /** On return the file has the new content, whole, even if the machine fails now. */
    private void write(Mode newMode, boolean newDirty, long newCrashes) {
        Properties properties = new Properties();
        properties.setProperty(PROCESSING_MODE, newMode.processing().wireName());
        properties.setProperty(ENABLE_IDEMPOTENCY, Boolean.toString(newMode.deduplicating()));
        properties.setProperty(STORE_DIRTY, Boolean.toString(newDirty));
        properties.setProperty(CRASHES_SIMULATED, Long.toString(newCrashes));
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        try {
            StringWriter text = new StringWriter();
            properties.store(text, null);
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.ISO_8859_1));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
        mode = newMode;
        storeDirty = newDirty;
        crashesSimulated = newCrashes;
    }
}
