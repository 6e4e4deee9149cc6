/** Topics, consumer groups, and lag, as the broker reports them. */
package io.onlyonce.query.kafka;
