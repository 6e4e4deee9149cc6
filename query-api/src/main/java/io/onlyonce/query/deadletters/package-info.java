/**
 * Reads the dead letters of the stream and of the sink from their topics, and replays them through the normal pipeline. A
 * record that is replayed twice is processed once.
 */
package io.onlyonce.query.deadletters;
