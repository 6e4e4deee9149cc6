/** HTTP to the other parts of the system. */
package io.onlyonce.query.parts;
