/** Provides the data of the console: samples all components once per second, keeps the history, and streams it to clients. */
package io.onlyonce.query.live;
