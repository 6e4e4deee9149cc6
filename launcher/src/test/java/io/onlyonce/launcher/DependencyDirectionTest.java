package io.onlyonce.launcher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.onlyonce.platform.ProjectHome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Checks the main classes of all modules that have been built. In a complete build, the launcher is the last module. */
class DependencyDirectionTest {
    private static JavaClasses classes;

    @BeforeAll
    static void importClasses() {
        Path root = ProjectHome.locate().root();
        List<Path> folders = Stream.of(
                        "model",
                        "web",
                        "platform",
                        "ingest-api",
                        "order-stream",
                        "postgres-sink",
                        "sink-connector-config",
                        "query-api",
                        "verifier",
                        "bench",
                        "launcher")
                .map(module -> root.resolve(module).resolve("target/classes"))
                .filter(Files::isDirectory)
                .toList();
        classes = new ClassFileImporter().importPaths(folders);
        assertThat(classes.contain("io.onlyonce.model.Topics")).isTrue();
    }

    @Test
    void dependencies_follow_the_data_flow() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .withOptionalLayers(true)
                .layer("model")
                .definedBy("io.onlyonce.model..")
                .layer("web")
                .definedBy("io.onlyonce.web..")
                .layer("platform")
                .definedBy("io.onlyonce.platform..")
                .layer("ingest")
                .definedBy("io.onlyonce.ingest..")
                .layer("stream")
                .definedBy("io.onlyonce.stream..")
                .layer("postgres-sink")
                .definedBy("io.onlyonce.postgres.sink..")
                .layer("sink")
                .definedBy("io.onlyonce.sink..")
                .layer("query")
                .definedBy("io.onlyonce.query..")
                .layer("verifier")
                .definedBy("io.onlyonce.verifier..")
                .whereLayer("model")
                .mayNotAccessAnyLayer()
                .whereLayer("web")
                .mayNotAccessAnyLayer()
                .whereLayer("postgres-sink")
                .mayNotAccessAnyLayer()
                .whereLayer("verifier")
                .mayNotAccessAnyLayer()
                .whereLayer("platform")
                .mayOnlyAccessLayers("model")
                .whereLayer("ingest")
                .mayOnlyAccessLayers("model", "web")
                .whereLayer("stream")
                .mayOnlyAccessLayers("model", "web")
                .whereLayer("sink")
                .mayOnlyAccessLayers("model")
                .whereLayer("query")
                .mayOnlyAccessLayers("model", "web", "sink")
                .check(classes);
    }

    @Test
    void the_topology_does_not_depend_on_spring_http_or_fault_injection() {
        noClasses()
                .that()
                .resideInAPackage("io.onlyonce.stream.topology..")
                // Spring generates classes with "__" in their names at build time.
                .and()
                .haveSimpleNameNotContaining("__")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.springframework..",
                        "io.onlyonce.stream.http..",
                        "io.onlyonce.stream.faults..",
                        "io.onlyonce.stream.runtime..",
                        "io.onlyonce.stream.metrics..")
                .allowEmptyShould(true)
                .check(classes);
    }
}
