package io.onlyonce.ingest;

import io.onlyonce.model.OrderDraft;
import java.util.List;

/** Orders that are written all, or none. */
record Batch(List<OrderDraft> orders) {}
