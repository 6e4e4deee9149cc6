/** The HTTP API: parses orders strictly, assigns ids and traces, and answers with the outcome. */
package io.onlyonce.ingest;
