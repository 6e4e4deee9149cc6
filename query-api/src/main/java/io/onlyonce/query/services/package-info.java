/**
 * The HTTP clients for the other components, the lock for operations that stop them, and the proxy that the web page at
 * {@code /} uses.
 */
package io.onlyonce.query.services;
