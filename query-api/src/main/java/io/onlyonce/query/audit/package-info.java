/**
 * The audit: reads {@code orders} as committed, and compares it with {@code orders.processed} and the tables. It trusts
 * no statistics of the services, only the topics, the committed offsets and the rows.
 *
 * <p>It may run while orders flow. What must be there by now, and what cannot be there yet, follows from the order in
 * which it looks; see {@link io.onlyonce.query.audit.AuditPass}.
 */
package io.onlyonce.query.audit;
