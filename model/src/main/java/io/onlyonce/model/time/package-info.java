/** Timestamps in records, and deadlines of bounded waits. */
package io.onlyonce.model.time;
