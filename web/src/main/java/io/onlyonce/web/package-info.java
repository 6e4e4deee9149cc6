/**
 * What the three services show alike at their edge, auto-configured: {@code GET /health}, errors as {@code
 * application/problem+json}, the guard of the endpoints that change or destroy, and the metrics' label {@code service}.
 */
package io.onlyonce.web;
