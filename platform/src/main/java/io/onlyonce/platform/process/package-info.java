/** Starts, signals and identifies programs, as processes or in containers. Does not depend on Kafka or PostgreSQL. */
package io.onlyonce.platform.process;
