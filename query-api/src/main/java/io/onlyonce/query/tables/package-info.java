/** The contents of the tables: totals, which are read in constant time, and orders. */
package io.onlyonce.query.tables;
