/**
 * From a request's records to the topic, with the guarantee of the mode: a {@link io.onlyonce.ingest.delivery.Sender}
 * for each, opened when first used and kept until shutdown. A change of the mode is therefore no more than which sender
 * the next request takes; what is in flight ends where it began.
 */
package io.onlyonce.ingest.delivery;
