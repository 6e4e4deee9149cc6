package io.onlyonce.ingest;

import io.onlyonce.model.OrderDraft;
import io.onlyonce.model.OrderJson;
import java.io.IOException;
import java.util.List;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.stereotype.Component;

/**
 * Reads orders by the strict reader of the topics instead of a data binder: what the stream would refuse is refused here,
 * and named in the same words. No body is held that is larger than the limit.
 */
@Component
final class BodyConverter implements HttpMessageConverter<Object> {
    private final IngestProperties properties;

    BodyConverter(IngestProperties properties) {
        this.properties = properties;
    }

    @Override
    public boolean canRead(Class<?> type, MediaType mediaType) {
        return type == OrderDraft.class || type == Batch.class;
    }

    @Override
    public boolean canWrite(Class<?> type, MediaType mediaType) {
        return false;
    }

    @Override
    public List<MediaType> getSupportedMediaTypes() {
        return List.of();
    }

    @Override
    public List<MediaType> getSupportedMediaTypes(Class<?> type) {
        return canRead(type, null) ? List.of(MediaType.APPLICATION_JSON) : List.of();
    }

    /** @throws io.onlyonce.model.InvalidOrderException with the path of the field at fault */
    @Override
    public Object read(Class<?> type, HttpInputMessage message) throws IOException {
        byte[] body = bounded(message);
        return type == Batch.class
                ? new Batch(OrderJson.readDrafts(body, properties.batchMaxOrders()))
                : OrderJson.readDraft(body);
    }

    private byte[] bounded(HttpInputMessage message) throws IOException {
        int limit = (int) properties.bodyMaxBytes().toBytes();
        boolean announced = message.getHeaders().getContentLength() > limit;
        byte[] body = announced ? new byte[0] : message.getBody().readNBytes(limit + 1);
        if (announced || body.length > limit) {
            throw Problems.of(HttpStatus.CONTENT_TOO_LARGE, "The body is larger than " + limit + " bytes");
        }
        return body;
    }

    @Override
    public void write(Object value, MediaType contentType, HttpOutputMessage message) {
        throw new UnsupportedOperationException("reads only");
    }
}
