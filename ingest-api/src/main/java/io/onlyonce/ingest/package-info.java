/** The HTTP edge: reads orders strictly, gives them an identity and a trace, and answers what became of them. */
package io.onlyonce.ingest;
