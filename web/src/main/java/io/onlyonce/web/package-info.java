/**
 * Auto-configuration of the three services: {@code GET /health}, errors as {@code application/problem+json}, the
 * protection of endpoints that change or delete something, and the metric label {@code service}.
 */
package io.onlyonce.web;
