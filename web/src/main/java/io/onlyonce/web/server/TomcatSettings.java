package io.onlyonce.web.server;

import io.onlyonce.web.WebProperties;
import org.apache.catalina.core.StandardHost;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;

/** Settings of Tomcat that depend on the heap or have no property. */
public final class TomcatSettings implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    /** Estimate: the buffers of a connection with a request in progress, and the stack of its virtual thread. */
    private static final int BYTES_PER_CONNECTION = 128 * 1024;

    /** All connections together use at most a quarter of the heap. */
    private static final int CONNECTIONS_HEAP_SHARE = 4;

    private final WebProperties.Http properties;
    private final int maxConnections;

    public TomcatSettings(WebProperties.Http properties, long heapBytes) {
        this.properties = properties;
        this.maxConnections =
                (int) Math.min(Integer.MAX_VALUE, heapBytes / CONNECTIONS_HEAP_SHARE / BYTES_PER_CONNECTION);
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.setProtocol(DeadlineProtocol.class.getName());
        factory.addProtocolHandlerCustomizers((DeadlineProtocol protocol) -> {
            protocol.setHeadersTimeout(properties.headersTimeout());
            protocol.setMaxConnections(Math.min(protocol.getMaxConnections(), maxConnections));
        });
        // An order_id, which is part of some paths, can contain a slash or a backslash. Tomcat rejects both by default.
        factory.addConnectorCustomizers(connector -> {
            connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            connector.setEncodedReverseSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
        });
        factory.addContextCustomizers(context ->
                ((StandardHost) context.getParent()).setErrorReportValveClass(ProblemReportValve.class.getName()));
    }
}
