package io.onlyonce.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The requests of a {@link Plan}. */
final class Requests {
    private final Plan plan;
    private final IngestClient client;

    Requests(Plan plan, IngestClient client) {
        this.plan = plan;
        this.client = client;
    }

    /** Sends the order, or the batch, that begins with this index. */
    Answer send(int first) throws InterruptedException {
        if (!plan.isBatch(first)) {
            return client.order(Json.bytes(order(first)));
        }
        List<ObjectNode> orders = new ArrayList<>();
        for (int index = first; index < first + plan.unitSize(first); index++) {
            orders.add(order(index));
        }
        return client.batch(Json.bytes(Json.batch(orders)));
    }

    /** Sends something that must be refused. */
    Answer sendInvalid(int number) throws InterruptedException {
        byte[] body = invalid(number).getBytes(UTF_8);
        return isBatch(number) ? client.batch(body) : client.order(body);
    }

    /** What no reading of the contract allows. */
    String invalid(int number) {
        ObjectNode order = Json.order(plan.refusedId(number), plan.content(0));
        return switch (number % 6) {
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
            // The first of these is in order: the whole batch must be refused for the second.
            default ->
                Json.batch(List.of(order, order.deepCopy().put("total_amount", true)))
                        .toString();
        };
    }

    private static boolean isBatch(int number) {
        return number % 6 == 5;
    }

    private ObjectNode order(int index) {
        ObjectNode order = Json.order(plan.id(index), plan.content(index));
        plan.createdAt(index).ifPresent(at -> order.put("created_at", at.toString()));
        return order;
    }
}
