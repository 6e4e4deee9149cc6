package io.onlyonce.query.audit;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.springframework.boot.tomcat.TomcatContextCustomizer;
import org.springframework.stereotype.Component;

/**
 * Detects that the client of a waiting request has closed its connection. The Servlet API reports this only when a write
 * fails, and an audit writes nothing before it has completed.
 */
@Component
final class ClientConnections extends ValveBase implements TomcatContextCustomizer {
    private static final String REQUEST = ClientConnections.class.getName();

    /** The value that Tomcat reports after a failed read, so that the next read throws the exception. */
    private static final int READ_FAILED = 1;

    ClientConnections() {
        super(true);
    }

    @Override
    public void customize(Context context) {
        context.getPipeline().addValve(this);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        request.setAttribute(REQUEST, request.getCoyoteRequest());
        getNext().invoke(request, response);
    }

    /** For use by the thread of the request, which must have no body. */
    boolean isClosed(HttpServletRequest request) {
        var connection = (org.apache.coyote.Request) request.getAttribute(REQUEST);
        // Tries to read without blocking. A pipelined request has more than one byte and stays in the buffer.
        connection.action(ActionCode.AVAILABLE, Boolean.TRUE);
        return connection.getAvailable() == READ_FAILED;
    }
}
