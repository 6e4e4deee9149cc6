/** The data of the console: samples all components once per second, keeps the history, and streams it to the pages. */
package io.onlyonce.query.live;
