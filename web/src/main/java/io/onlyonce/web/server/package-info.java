/** Tomcat and the filter in front of the controllers: limits of connections, headers and bodies, and access rules. */
package io.onlyonce.web.server;
