/** HTTP client for the other components. */
package io.onlyonce.query.services;
