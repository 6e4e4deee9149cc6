package io.onlyonce.verifier.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.plan.ContractJson;
import io.onlyonce.verifier.plan.OrderPlan;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/** Builds the requests to the ingest API. */
record IngestRequests(OrderPlan plan) {
    record Request(String path, byte[] json) {}

    /** Returns the request for the order, or the batch, that starts at this index. */
    Request valid(int first) {
        return plan.isBatch(first)
                ? batch(IntStream.range(first, first + plan.unitSize(first))
                        .mapToObj(this::order)
                        .toList())
                : single(ContractJson.bytes(order(first)));
    }

    /** Returns a request that violates the contract in one of six ways. */
    Request invalid(int number) {
        ObjectNode order = ContractJson.order(plan.invalidId(number), plan.content(0));
        switch (number % 6) {
            case 0 -> order.put("total_amount", "not a number");
            case 1 -> order.remove("customer_id");
            case 2 -> ((ObjectNode) order.get("items").get(0)).put("quantity", -1);
            case 3 -> order.putArray("items");
            case 4 -> {
                return single(order.toString().substring(0, 40).getBytes(UTF_8));
            }
            default -> {
                // The first order is valid. The second one is not, so that the whole batch must be rejected.
                return batch(List.of(order, order.deepCopy().put("total_amount", true)));
            }
        }
        return single(ContractJson.bytes(order));
    }

    private ObjectNode order(int index) {
        ObjectNode order = ContractJson.order(plan.id(index), plan.content(index));
        plan.createdAt(index).ifPresent(at -> order.put("created_at", at.toString()));
        return order;
    }

    private static Request single(byte[] json) {
        return new Request("/orders", json);
    }

    private static Request batch(List<ObjectNode> orders) {
        ObjectNode batch = ContractJson.newObject();
        batch.putArray("orders").addAll(orders);
        return new Request("/orders/batch", ContractJson.bytes(batch));
    }
}
