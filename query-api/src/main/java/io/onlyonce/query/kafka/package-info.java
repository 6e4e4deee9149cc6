/** What Kafka says of topics, groups and lag, as JSON and as gauges that outlive a dead consumer. */
package io.onlyonce.query.kafka;
