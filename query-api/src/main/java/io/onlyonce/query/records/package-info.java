/** The Kafka records of an order. */
package io.onlyonce.query.records;
