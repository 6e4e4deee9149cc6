package io.onlyonce.ingest;

import io.onlyonce.model.OrderDraft;
import io.onlyonce.model.OrderJson;
import java.io.IOException;
import java.util.Arrays;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;

/**
 * Reads orders with the strict parser of the model, so that this service rejects every order that order-stream would
 * reject, with the same message.
 */
final class OrderBodyConverter extends AbstractHttpMessageConverter<Object> {
    private final IngestProperties properties;

    OrderBodyConverter(IngestProperties properties) {
        super(MediaType.APPLICATION_JSON);
        this.properties = properties;
    }

    @Override
    protected boolean supports(Class<?> type) {
        return type == OrderDraft.class || type == OrderController.Batch.class;
    }

    /** @throws io.onlyonce.model.InvalidOrderException with the path of the invalid field */
    @Override
    protected Object readInternal(Class<?> type, HttpInputMessage message) throws IOException {
        byte[] body = read(message);
        return type == OrderDraft.class
                ? OrderJson.readDraft(body)
                : new OrderController.Batch(OrderJson.readDrafts(body, properties.batchMaxOrders()));
    }

    /** If the length is declared, allocates exactly the bytes that the request has reserved in the budget of all bodies. */
    private static byte[] read(HttpInputMessage message) throws IOException {
        int length = (int) message.getHeaders().getContentLength();
        if (length < 0) {
            return message.getBody().readAllBytes();
        }
        byte[] body = new byte[length];
        int count = message.getBody().readNBytes(body, 0, length);
        return count == length ? body : Arrays.copyOf(body, count);
    }

    @Override
    protected void writeInternal(Object value, HttpOutputMessage message) {
        throw new UnsupportedOperationException("This converter only reads");
    }
}
