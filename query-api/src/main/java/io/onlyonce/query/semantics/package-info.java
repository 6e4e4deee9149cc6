/** The three delivery semantics side by side, with their price as measured here. */
package io.onlyonce.query.semantics;
