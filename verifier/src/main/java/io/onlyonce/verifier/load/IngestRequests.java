package io.onlyonce.verifier.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.plan.ContractJson;
import io.onlyonce.verifier.plan.OrderPlan;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Builds the requests to the ingest API. */
final class IngestRequests {
    private static final String SINGLE = "/orders";
    private static final String BATCH = "/orders/batch";

    private final OrderPlan plan;

    IngestRequests(OrderPlan plan) {
        this.plan = plan;
    }

    record Request(String path, byte[] json) {}

    /** Returns the request for the order, or the batch, that starts at this index. */
    Request valid(int first) {
        if (!plan.isBatch(first)) {
            return new Request(SINGLE, ContractJson.bytes(order(first)));
        }
        List<ObjectNode> orders = new ArrayList<>();
        for (int index = first; index < first + plan.unitSize(first); index++) {
            orders.add(order(index));
        }
        return new Request(BATCH, ContractJson.bytes(ContractJson.batch(orders)));
    }

    /** Returns a request that violates the contract in one of six ways. */
    Request invalid(int number) {
        ObjectNode order = ContractJson.order(plan.invalidId(number), plan.content(0));
        String json = switch (number % 6) {
            case 0 -> order.put("total_amount", "not a number").toString();
            case 1 -> order.without("customer_id").toString();
            case 2 -> {
                ((ObjectNode) order.get("items").get(0)).put("quantity", -1);
                yield order.toString();
            }
            case 3 -> order.toString().substring(0, 40);
            case 4 -> {
                order.putArray("items");
                yield order.toString();
            }
            // The first order is valid. The second one is not, so that the whole batch must be rejected.
            default ->
                ContractJson.batch(List.of(order, order.deepCopy().put("total_amount", true)))
                        .toString();
        };
        return new Request(number % 6 == 5 ? BATCH : SINGLE, json.getBytes(UTF_8));
    }

    private ObjectNode order(int index) {
        ObjectNode order = ContractJson.order(plan.id(index), plan.content(index));
        plan.createdAt(index).ifPresent(at -> order.put("created_at", at.toString()));
        return order;
    }
}
