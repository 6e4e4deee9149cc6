/** The result of a run as text, JSON and HTML. */
package io.onlyonce.verifier.report;
