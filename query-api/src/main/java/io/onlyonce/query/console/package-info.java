/** The web page at {@code /} and its proxy to the other services. */
package io.onlyonce.query.console;
