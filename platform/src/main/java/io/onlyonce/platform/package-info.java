/**
 * Real servers for whoever needs them: tests, the launcher, the verifier. Each is an operating-system process of its own,
 * so that it can be killed, frozen and started again like one in production.
 *
 * <p>{@link io.onlyonce.platform.Platform} is the way in for tests; the parts by themselves are for the launcher.
 */
package io.onlyonce.platform;
