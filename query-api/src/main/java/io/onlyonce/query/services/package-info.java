/** The HTTP client for the other components, and the proxy that the web page at {@code /} uses. */
package io.onlyonce.query.services;
