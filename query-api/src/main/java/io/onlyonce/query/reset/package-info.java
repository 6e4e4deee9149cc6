/**
 * The reset: empties the whole system, even under load. No order that was sent before a reset appears after it, and no
 * order that was sent after its response is lost.
 */
package io.onlyonce.query.reset;
