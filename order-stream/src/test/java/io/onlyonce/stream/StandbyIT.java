package io.onlyonce.stream;

import static io.onlyonce.stream.TestStack.awaitSlowly;

import io.onlyonce.platform.ServiceProcess;
import io.onlyonce.platform.TerminationStyle;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Takes half a minute per kill, so it runs only on request: {@code -Dit.test=StandbyIT -Dstandby.kills=10}. */
@EnabledIfSystemProperty(named = "standby.kills", matches = "[1-9][0-9]*")
class StandbyIT {
    /**
     * The schedule of apache/kafka pull request 12540, with which a deduplicating application lost entries: tasks move
     * between two instances with standby replicas, become active there, and return.
     */
    @Test
    void no_id_is_lost_while_tasks_move_between_instances_with_standbys_that_are_killed() throws Exception {
        int kills = Integer.getInteger("standby.kills");
        String prefix = UUID.randomUUID().toString();
        TestStack stack = new TestStack();
        ServiceProcess consumer = stack.instance("consumer-1", "first", 1);
        ServiceProcess second = stack.instance("consumer-2", "second", 1);
        TestStack.Load load = stack.load(prefix, 200);
        try {
            consumer.start();
            second.start();
            for (int kill = 0; kill < kills; kill++) {
                ServiceProcess killed = kill % 2 == 0 ? consumer : second;
                int sent = load.sent();
                awaitSlowly().until(() -> load.sent() > sent + 500);
                killed.stop(TerminationStyle.ABRUPT);
                if (kill % 4 < 2) {
                    // The other instance takes over the tasks after the session timeout of 6 s.
                    awaitSlowly().until(() -> load.sent() > sent + 2_200);
                }
                killed.start();
            }
            int orders = load.stop();
            stack.awaitEachExactlyOnce(prefix, orders);
            stack.awaitAllRejected(prefix, orders);
            stack.awaitEachExactlyOnce(prefix, orders);
        } finally {
            load.stop();
            consumer.stop(TerminationStyle.ABRUPT);
            second.stop(TerminationStyle.ABRUPT);
            stack.close();
        }
    }
}
