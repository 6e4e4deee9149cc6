/**
 * The contract between the services: orders, their JSON format, and the topics.
 *
 * <p>This module does not depend on any service. Each record validates its fields in its constructor, so every {@link
 * io.onlyonce.model.Order} instance is valid.
 */
package io.onlyonce.model;
