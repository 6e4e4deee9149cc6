package io.onlyonce.sink.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BrowserGuardTest {
    private final BrowserGuard guard = new BrowserGuard();

    @Test
    void the_loopback_names_the_advertised_name_and_the_configured_names_are_allowed() {
        guard.configure(Map.of(
                "rest.advertised.host.name", "connect", BrowserGuard.ALLOWED_HOSTS, "Connect.example.org, 10.0.0.7"));
        assertThat(new String[] {
                    "localhost:8083", "127.0.0.1", "[::1]:8083", "connect:8083", "connect.EXAMPLE.org", "10.0.0.7:1"
                })
                .allMatch(guard::isAllowedHost);
    }

    @Test
    void other_names_are_not_allowed() {
        guard.configure(Map.of(BrowserGuard.ALLOWED_HOSTS, ""));
        assertThat(new String[] {"evil.example", "localhost.evil.example", "connect:8083", "", null, "127.0.0.1@evil"})
                .noneMatch(guard::isAllowedHost);
    }
}
