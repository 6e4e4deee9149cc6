package io.onlyonce.ingest;

import io.onlyonce.model.OrderDraft;
import io.onlyonce.model.OrderJson;
import java.io.IOException;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;

/**
 * Reads orders with the strict parser of the model, so that this service rejects every order that order-stream would
 * reject, with the same message. Limits the size of the body.
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
        int limit = (int) properties.bodyMaxBytes().toBytes();
        boolean tooLarge = message.getHeaders().getContentLength() > limit;
        byte[] body = tooLarge ? new byte[0] : message.getBody().readNBytes(limit + 1);
        if (tooLarge || body.length > limit) {
            throw Problems.of(HttpStatus.CONTENT_TOO_LARGE, "The body is larger than " + limit + " bytes");
        }
        return type == OrderDraft.class
                ? OrderJson.readDraft(body)
                : new OrderController.Batch(OrderJson.readDrafts(body, properties.batchMaxOrders()));
    }

    @Override
    protected void writeInternal(Object value, HttpOutputMessage message) {
        throw new UnsupportedOperationException("This converter only reads");
    }
}
