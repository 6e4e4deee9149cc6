/**
 * Auto-configuration of the three services: {@code GET /health}, errors as {@code application/problem+json}, the access rules
 * and the limits of requests, and the metric label {@code service}. {@code web.yaml} contains the shared settings.
 */
package io.onlyonce.web;
