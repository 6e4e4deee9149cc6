/**
 * Real servers for tests, the launcher and the benchmarks. Each server is a separate operating-system process, so that it
 * can be killed, frozen and restarted like a server in production.
 *
 * <p>Tests use {@link io.onlyonce.platform.Platform}. The launcher uses the components directly.
 */
package io.onlyonce.platform;
