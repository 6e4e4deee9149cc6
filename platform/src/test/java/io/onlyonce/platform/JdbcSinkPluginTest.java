package io.onlyonce.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JdbcSinkPluginTest {
    /** Debezium's archive also contains the drivers of other databases, some with known vulnerabilities. */
    @Test
    void the_plugin_contains_the_driver_of_postgresql_only() throws IOException {
        try (Stream<Path> files = Files.walk(ProjectHome.locate().jdbcSinkPlugin())) {
            List<String> drivers = files.filter(file -> file.toString().endsWith(".jar"))
                    .filter(JdbcSinkPluginTest::isDriver)
                    .map(file -> file.getFileName().toString())
                    .toList();
            assertThat(drivers).singleElement().asString().startsWith("postgresql-");
        }
    }

    private static boolean isDriver(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.getEntry("META-INF/services/java.sql.Driver") != null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
