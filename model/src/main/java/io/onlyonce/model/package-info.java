/**
 * The contract between the services: what an order is, how it reads as JSON, and which topics carry it.
 *
 * <p>Nothing here knows a service. What a record says is checked in its constructor, so an {@link
 * io.onlyonce.model.Order} that exists is a valid one.
 */
package io.onlyonce.model;
