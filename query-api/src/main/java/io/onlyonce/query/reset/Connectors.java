package io.onlyonce.query.reset;

import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.parts.Answer;
import io.onlyonce.query.parts.Part;
import io.onlyonce.query.parts.Parts;
import java.time.Duration;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The connectors of the sink, through Connect's REST interface. */
@Component
final class Connectors {
    private static final Duration CALL_LIMIT = Duration.ofSeconds(5);
    /**
     * The worker is rebalancing, has tasks still to end, or listens before it has anything to say (404, 503): the same
     * call will do in a moment.
     */
    private static final List<Integer> MOMENTARY = List.of(404, 409, 500, 503);

    private final Parts parts;
    private final JsonMapper json;

    Connectors(Parts parts, JsonMapper json) {
        this.parts = parts;
        this.json = json;
    }

    List<String> names(Patience patience) {
        return json.readTree(call("GET", "/connectors", patience).body())
                .valueStream()
                .map(JsonNode::stringValue)
                .toList();
    }

    /** Returns when no task of them is left. */
    void stop(List<String> names, Patience patience) {
        names.forEach(name -> call("PUT", "/connectors/" + name + "/stop", patience));
        for (String name : names) {
            patience.until(() -> isStopped(name), "the connector " + name + " has not stopped");
        }
    }

    void deleteOffsets(List<String> names, Patience patience) {
        names.forEach(name -> call("DELETE", "/connectors/" + name + "/offsets", patience));
    }

    void resume(List<String> names, Patience patience) {
        names.forEach(name -> call("PUT", "/connectors/" + name + "/resume", patience));
    }

    private boolean isStopped(String name) {
        JsonNode status = json.readTree(call("GET", "/connectors/" + name + "/status", Patience.of(CALL_LIMIT))
                .body());
        return status.at("/connector/state").asString("").equals("STOPPED")
                && status.at("/tasks").isEmpty();
    }

    private Answer call(String method, String path, Patience patience) {
        while (true) {
            Answer answer = parts.call(Part.CONNECT, method, path, new byte[0], null, CALL_LIMIT);
            if (answer.isSuccess()) {
                return answer;
            }
            if (!MOMENTARY.contains(answer.status()) || patience.isOver()) {
                throw new UnavailableException(
                        "Connect answers %s %s by %d: %s".formatted(method, path, answer.status(), answer.text()),
                        null);
            }
            patience.pause();
        }
    }
}
