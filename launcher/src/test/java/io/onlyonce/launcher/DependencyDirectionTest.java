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

/** Checks the classes of all modules that have been built. In a complete build, the launcher is the last module. */
class DependencyDirectionTest {
    private static JavaClasses classes;
    private static JavaClasses testClasses;

    @BeforeAll
    static void importClasses() {
        classes = classesIn("target/classes");
        testClasses = classesIn("target/test-classes");
        assertThat(classes.contain("io.onlyonce.model.Topics")).isTrue();
        assertThat(testClasses.contain(DependencyDirectionTest.class)).isTrue();
    }

    private static JavaClasses classesIn(String folder) {
        Path root = ProjectHome.locate().root();
        List<Path> folders = Stream.of(
                        "model",
                        "web",
                        "platform",
                        "platform/tests",
                        "ingest-api",
                        "order-stream",
                        "postgres-sink",
                        "sink-connector-config",
                        "query-api",
                        "verifier",
                        "bench",
                        "launcher")
                .map(module -> root.resolve(module).resolve(folder))
                .filter(Files::isDirectory)
                .toList();
        return new ClassFileImporter().importPaths(folders);
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

    /** {@code ./mvnw test} in a fresh clone has neither programs nor servers. A test that needs them is an {@code *IT}. */
    @Test
    void a_unit_test_starts_no_server() {
        noClasses()
                .that()
                .haveSimpleNameEndingWith("Test")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(".*\\.(Platform|ServiceProcess|TemporaryStack|LocalServerPort)")
                .check(testClasses);
    }
}
