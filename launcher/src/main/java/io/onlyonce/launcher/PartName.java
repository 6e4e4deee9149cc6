package io.onlyonce.launcher;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The parts of the contract, in the order in which they are stopped. */
enum PartName {
    PRODUCER,
    API,
    CONSUMER,
    CONNECT,
    KAFKA,
    POSTGRES;

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Lets the command line speak of parts as the contract does. */
    static final class Converter implements ITypeConverter<PartName> {
        @Override
        public PartName convert(String value) {
            return Arrays.stream(values())
                    .filter(part -> part.wireName().equals(value))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("'" + value + "' is none of " + wireNames()));
        }
    }

    static List<String> wireNames() {
        return Arrays.stream(values()).map(PartName::wireName).toList();
    }
}
