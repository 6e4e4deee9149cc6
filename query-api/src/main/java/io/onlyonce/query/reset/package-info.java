/**
 * Empties the whole system while it may be under load: nothing sent before a reset appears after it, and nothing sent
 * after its answer is lost.
 */
package io.onlyonce.query.reset;
