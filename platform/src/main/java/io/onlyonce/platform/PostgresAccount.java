package io.onlyonce.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * As whom PostgreSQL runs, which refuses to be root: as ourselves, unless we are root.
 *
 * <p>For root, in a user namespace that maps nobody: the process then sees itself and its files as owned by `nobody`,
 * while the files are root's outside. Where namespaces are forbidden (in most containers), as the user 65534 in earnest,
 * to whom the directory then belongs.
 */
enum PostgresAccount {
    OURSELVES(List.of()),
    NAMESPACE(List.of("unshare", "--user")),
    NOBODY(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));

    private static final PostgresAccount CURRENT = choose();

    private final List<String> prefix;

    PostgresAccount(List<String> prefix) {
        this.prefix = prefix;
    }

    static List<String> prefix() {
        return CURRENT.prefix;
    }

    /** Makes a file or folder of ours the server's. */
    static void grant(Path path) throws IOException {
        if (CURRENT == NOBODY) {
            Files.setAttribute(path, "unix:uid", 65534);
            Files.setAttribute(path, "unix:gid", 65534);
        }
    }

    private static PostgresAccount choose() {
        if (!isRoot()) {
            return OURSELVES;
        }
        return NAMESPACE.works() ? NAMESPACE : NOBODY;
    }

    static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return System.getProperty("user.name").equals("root");
        }
    }

    private boolean works() {
        try {
            Process attempt = new ProcessBuilder(List.of(prefix.get(0), prefix.get(1), "true"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return attempt.waitFor(5, TimeUnit.SECONDS) && attempt.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
