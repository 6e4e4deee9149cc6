package io.onlyonce.platform;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The absolute path of the project's root directory, and the programs that the build has created in it. */
public record ProjectHome(Path root) {
    /** Returns the system property {@code lab.home}, or else the nearest enclosing directory that contains the project. */
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
        throw new IllegalStateException("Not in an Onlyonce directory. Change to one, or set -Dlab.home=DIRECTORY");
    }

    /** The broker's jars. Their names contain its version. */
    public Path brokerLibraries() {
        return built("platform/broker/target/kafka");
    }

    /** JVM flags that set the class path and the log configuration of a Kafka program. */
    List<String> kafkaClassPath(Path libraries) {
        Path log = serverConfig().resolve("log4j2.properties");
        return List.of("-Dlog4j2.configurationFile=" + log, "-cp", libraries + "/*");
    }

    Path serverConfig() {
        return root.resolve("platform/server/conf");
    }

    /** The JDBC sink connector as released by Debezium, with the driver of PostgreSQL only. */
    Path jdbcSinkPlugin() {
        return built("platform/server/target/jdbc-sink");
    }

    public Path program(String module) {
        return built(module + "/target/app/" + module + ".jar");
    }

    /** @throws IllegalStateException if the build has not created the file or directory */
    Path built(String path) {
        Path file = root.resolve(path);
        if (!Files.exists(file)) {
            throw new IllegalStateException(file + " does not exist. Build the project first: ./mvnw package");
        }
        return file;
    }
}
