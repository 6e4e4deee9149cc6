package io.onlyonce.launcher;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.onlyonce.platform.ProjectHome;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two records with the same simple name would be one schema in the OpenAPI document, which then describes one of them
 * incorrectly.
 */
class SchemaNamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"ingest-api", "order-stream", "query-api"})
    void each_record_of_a_service_has_its_own_schema_name(String module) {
        var classes = new ClassFileImporter()
                .importPath(ProjectHome.locate().root().resolve(module).resolve("target/classes"));
        var records = classes.stream()
                .filter(type -> type.isRecord() && !type.getModifiers().contains(JavaModifier.PRIVATE))
                .collect(groupingBy(SchemaNamesTest::schemaName, mapping(JavaClass::getName, toList())));
        assertThat(records).isNotEmpty();
        assertThat(records.values()).allSatisfy(sameName -> assertThat(sameName).hasSize(1));
    }

    private static String schemaName(JavaClass type) {
        return type.tryGetAnnotationOfType("io.swagger.v3.oas.annotations.media.Schema")
                .flatMap(schema -> schema.get("name"))
                .map(Object::toString)
                .orElse(type.getSimpleName());
    }
}
