/** The orders of a run, generated from a seed, and the JSON format of the contract. */
package io.onlyonce.verifier.plan;
