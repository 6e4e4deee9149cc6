package io.onlyonce.web.server;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the errors that Tomcat finds before a request reaches Spring, for example an invalid header, as {@code
 * application/problem+json}. Public, because Tomcat creates it by its name.
 */
public final class ProblemReportValve extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, Throwable failure) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        Map<String, Object> problem = new TreeMap<>();
        problem.put("status", status);
        HttpStatus known = HttpStatus.resolve(status);
        problem.put("title", known == null ? "Status " + status : known.getReasonPhrase());
        String message = response.getMessage();
        if (message != null && !message.isBlank()) {
            problem.put("detail", message);
        }
        byte[] json = JsonMapper.shared().writeValueAsBytes(problem);
        try {
            response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
            response.setContentLength(json.length);
            response.getOutputStream().write(json);
            response.finishResponse();
        } catch (IOException | IllegalStateException e) {
            container.getLogger().debug("The problem could not be sent", e);
        }
    }
}
