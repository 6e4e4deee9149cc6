/** The subcommands of {@code ./lab}. */
package io.onlyonce.launcher.command;
