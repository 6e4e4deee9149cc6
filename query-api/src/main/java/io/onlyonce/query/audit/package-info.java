/**
 * The audit: compares the committed records of {@code orders} with {@code orders.processed} and the tables. Uses only
 * the topics, the committed offsets, and the rows, and no statistics of the services.
 *
 * <p>An audit can run while the system processes orders. {@link io.onlyonce.query.audit.AuditPass} describes the
 * reading order that makes the comparison valid.
 */
package io.onlyonce.query.audit;
