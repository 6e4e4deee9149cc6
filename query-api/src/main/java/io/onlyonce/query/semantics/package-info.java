/** The comparison of the three delivery semantics, with their costs as measured by {@code lab bench}. */
package io.onlyonce.query.semantics;
