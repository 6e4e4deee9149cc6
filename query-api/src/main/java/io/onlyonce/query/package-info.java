/**
 * The query API: answers queries from PostgreSQL and Kafka, audits the topics against the tables, and resets the
 * system. Each feature has its own package.
 */
package io.onlyonce.query;
