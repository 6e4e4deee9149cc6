/**
 * The dead letters of the stream and of the sink: reads them from their topics, and replays them. A replayed record takes the
 * usual path, so that a record that is replayed twice is still processed once.
 */
package io.onlyonce.query.deadletters;
