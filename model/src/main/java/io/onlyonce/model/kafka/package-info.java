/** Names in Kafka and Kafka Connect that several modules use. */
package io.onlyonce.model.kafka;
