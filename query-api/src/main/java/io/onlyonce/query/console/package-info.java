/** The page at {@code /}, and the way from it to the other services. */
package io.onlyonce.query.console;
