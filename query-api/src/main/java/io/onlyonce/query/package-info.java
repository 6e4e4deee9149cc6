/**
 * The last stop of the flow: answers from the tables and from Kafka itself, audits one against the other, and empties
 * the whole system on demand. A package a feature: {@code tables}, {@code kafka}, {@code audit}, {@code reset}, {@code
 * semantics}, {@code console}.
 */
package io.onlyonce.query;
