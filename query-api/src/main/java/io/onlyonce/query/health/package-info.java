/** The health of the sink: the connectors and their progress. */
package io.onlyonce.query.health;
