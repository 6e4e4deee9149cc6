package io.onlyonce.platform;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The root of the project's tree, and where the build has put the programs.
 *
 * @param root absolute
 */
public record ProjectHome(Path root) {
    /** As the system property {@code lab.home} says, else the nearest folder above this one that holds the script. */
    public static ProjectHome locate() {
        String property = System.getProperty("lab.home");
        if (property != null) {
            return new ProjectHome(Path.of(property).toAbsolutePath().normalize());
        }
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("platform/server"))) {
                return new ProjectHome(folder);
            }
        }
        throw new IllegalStateException("No Onlyonce tree here or above; set -Dlab.home");
    }

    /** How a JVM finds the broker, and how it logs. */
    List<String> brokerClassPath() {
        return classPath(brokerLibraries());
    }

    /** How a JVM finds the Connect worker, and how it logs. */
    List<String> connectClassPath() {
        return classPath(connectLibraries());
    }

    /** The broker's jars, its version in their names. */
    public Path brokerLibraries() {
        return built("platform/broker/target/kafka");
    }

    Path connectLibraries() {
        return built("platform/server/target/connect");
    }

    private List<String> classPath(Path libraries) {
        Path log = root.resolve("platform/server/conf/log4j2.properties");
        return List.of("-Dlog4j2.configurationFile=" + log, "-cp", libraries + "/*");
    }

    /** The broker's settings that are the same wherever it runs. */
    Path brokerSettings() {
        return root.resolve("platform/server/conf/broker.properties");
    }

    /** The folder with the archive of PostgreSQL's programs. */
    Path postgresArchive() {
        return built("platform/server/target/postgres");
    }

    /** The worker's settings that are the same wherever it runs. */
    public Path connectSettings() {
        return root.resolve("sink-connector-config/worker.properties");
    }

    /** The JDBC sink as its makers ship it. */
    public Path jdbcSinkPlugin() {
        return built("platform/server/target/connect-plugins");
    }

    /** The JDBC sink, and what we add to it. */
    public List<Path> connectPlugins() {
        return List.of(jdbcSinkPlugin(), built("sink-connector-config/target/connect-plugins"));
    }

    /** The program of a module, `java -jar` of which runs it. */
    public Path program(String module) {
        return built(module + "/target/app/" + module + ".jar");
    }

    private Path built(String path) {
        Path file = root.resolve(path);
        if (!Files.exists(file)) {
            throw new IllegalStateException(file + " is not there: build the tree first (./lab does, or mvn package)");
        }
        return file;
    }
}
