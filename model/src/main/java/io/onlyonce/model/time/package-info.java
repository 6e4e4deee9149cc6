/** Points in time: the deadline of a bounded wait. */
package io.onlyonce.model.time;
