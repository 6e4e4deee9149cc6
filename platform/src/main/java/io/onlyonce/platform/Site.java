package io.onlyonce.platform;

import java.nio.file.Path;

/**
 * Where and for how long parts run.
 *
 * @param home the programs
 * @param directory the data, a folder in it for each part
 * @param lifetime of the processes
 */
public record Site(LabHome home, Path directory, Lifetime lifetime) {}
