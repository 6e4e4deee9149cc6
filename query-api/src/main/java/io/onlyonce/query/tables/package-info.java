/** What the tables say: totals in constant time, and the orders themselves. */
package io.onlyonce.query.tables;
