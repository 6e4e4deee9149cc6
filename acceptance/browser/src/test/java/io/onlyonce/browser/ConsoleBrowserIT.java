package io.onlyonce.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Uses the console of a running stack as a presenter does. acceptance/console starts the stack. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleBrowserIT {
    private static final String URL = System.getProperty("console.url");
    private static final double SLOW_MS = 120_000;

    private static Playwright playwright;
    private static Browser browser;

    private final List<String> errors = new ArrayList<>();
    private BrowserContext context;
    private Page page;

    @BeforeAll
    static void launch() {
        playwright = Playwright.create();
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of(System.getProperty("chromium", "/usr/bin/chromium")))
                        .setArgs(List.of("--no-sandbox")));
        PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
    }

    @AfterAll
    static void quit() {
        playwright.close();
    }

    @BeforeEach
    void open() {
        open(1440, 1000, ColorScheme.LIGHT);
    }

    private void open(int width, int height, ColorScheme scheme) {
        context = browser.newContext(
                new Browser.NewContextOptions().setViewportSize(width, height).setColorScheme(scheme));
        page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                errors.add(message.text());
            }
        });
        page.onPageError(errors::add);
        page.navigate(URL);
        assertThat(page.locator("#data")).hasText("● live");
    }

    /** As another user: without the data that the first page has kept. */
    private void openAgain(int width, int height, ColorScheme scheme) {
        context.close();
        open(width, height, scheme);
    }

    /** The verdict under exactly-once. */
    private Locator verdict() {
        return page.locator("#proof tr").nth(1).locator("td").first();
    }

    @AfterEach
    void the_browser_has_reported_no_error() {
        context.close();
        assertThat(errors).isEmpty();
    }

    @Test
    @Order(1)
    void an_order_can_be_followed_from_the_request_to_the_row() {
        assertThat(page.locator("#mode")).hasText("exactly-once");
        button("One order").click();
        assertThat(page.locator("#events")).containsText("accepted in");
        Locator newest = page.locator("#orders a").first();
        newest.click();
        assertThat(page.locator("#order .timeline")).containsText("stored");
        assertThat(page.locator("#order")).containsText("Emitted exactly once");
        assertThat(page.locator("#order"))
                .containsText(Pattern.compile("trace of partition \\d+, offset \\d+: [0-9a-f]{32}"));
        assertThat(page).hasURL(Pattern.compile("#/order/.+"));
        page.reload();
        assertThat(page.locator("#order")).containsText("Emitted exactly once");
        page.locator("#order-id").fill("no-such-order");
        page.locator("#order-id").press("Enter");
        assertThat(page.locator("#order")).containsText("does not exist");
    }

    @Test
    @Order(2)
    void the_cause_of_a_failure_is_red_and_the_components_that_need_it_are_amber() {
        control("kafka", "freeze");
        state("kafka", "failed");
        state("producer", "affected");
        state("consumer", "affected");
        state("api", "affected");
        state("postgres", "ok");
        assertThat(page.locator("#node-orders .second")).containsText("s old");
        control("kafka", "thaw");
        state("kafka", "ok");
        state("producer", "ok");
        state("consumer", "ok");
        state("api", "ok");
    }

    @Test
    @Order(3)
    void a_killed_component_can_be_started_with_the_mouse() {
        page.locator("#node-connect").click();
        button("Kill").click();
        assertThat(page.locator("#node-connect")).hasAttribute("data-state", "ok");
        button("Really kill -9?").click();
        state("connect", "failed");
        assertThat(page.locator("#node-connect .second")).containsText("./lab start connect");
        state("api", "affected");
        state("kafka", "ok");
        button("Last log lines").click();
        assertThat(page.locator("#component-log")).containsText("INFO");
        button("Start").click();
        assertThat(page.locator("#node-connect")).hasAttribute("data-state", "ok", slow());
        assertThat(page.locator("#events")).containsText("connect is ok again");
    }

    @Test
    @Order(4)
    void waiting_orders_are_records_and_not_offsets() {
        page.keyboard().press("k");
        page.locator("#confirm button[value=yes]").press("Enter");
        state("consumer", "failed");
        for (int i = 0; i < 10; i++) {
            button("One order").click();
            assertThat(button("One order")).isEnabled();
        }
        assertThat(page.locator("#waiting")).hasText("10 orders waiting");
        assertThat(button("Crash the stream")).isDisabled();
        page.keyboard().press("s");
        assertThat(page.locator("#node-consumer")).hasAttribute("data-state", "ok", slow());
        assertThat(page.locator("#waiting"))
                .hasText("0 orders waiting", new LocatorAssertions.HasTextOptions().setTimeout(SLOW_MS));
    }

    @Test
    @Order(5)
    void a_verdict_belongs_to_the_data_that_it_has_checked() {
        button("Audit").click();
        assertThat(verdict()).hasText("ok");
        assertThat(verdict()).not().hasClass(Pattern.compile("old"));
        openAgain(1440, 1000, ColorScheme.LIGHT);
        assertThat(verdict()).hasText("ok");
        assertThat(verdict()).not().hasClass(Pattern.compile("old"));
        button("Same order three times").click();
        assertThat(verdict()).hasClass(Pattern.compile("old"));
        openAgain(1440, 1000, ColorScheme.LIGHT);
        assertThat(verdict()).hasClass(Pattern.compile("old"));
    }

    @Test
    @Order(6)
    void a_mode_is_applied_by_the_button_and_not_by_an_arrow_key() {
        page.locator("input[value='exactly-once']").focus();
        page.keyboard().press("ArrowDown");
        assertThat(page.locator("input[value='at-least-once']")).isChecked();
        page.waitForTimeout(2_500);
        assertThat(page.locator("#mode")).hasText("exactly-once");
        assertThat(page.locator("input[value='at-least-once']")).isFocused();
        button("Apply").click();
        assertThat(page.locator("#mode"))
                .hasText("at-least-once", new LocatorAssertions.HasTextOptions().setTimeout(SLOW_MS));
        assertThat(page.locator("#events")).containsText("at-least-once without deduplication");
        page.locator("input[value='exactly-once']").check();
        button("Apply").click();
        assertThat(page.locator("#mode"))
                .hasText("exactly-once", new LocatorAssertions.HasTextOptions().setTimeout(SLOW_MS));
    }

    @Test
    @Order(7)
    void the_history_is_kept_across_a_reload() {
        int before = points();
        page.reload();
        assertThat(page.locator("#data")).hasText("● live");
        assertThat(points()).isGreaterThanOrEqualTo(Math.min(before, 5));
        assertThat(page.locator("#events")).containsText("is ok again");
    }

    private int points() {
        return ((Number) page.evaluate("async () => (await import('./console/store.js')).state.points.length"))
                .intValue();
    }

    @Test
    @Order(8)
    void the_story_can_be_told_with_the_keyboard() {
        page.keyboard().press("1");
        assertThat(page.locator("#events")).containsText("accepted in");
        page.keyboard().press("b");
        assertThat(page.locator("#events")).containsText("100 orders acknowledged");
        page.keyboard().press("d");
        assertThat(page.locator("#events")).containsText("The same order was sent three times");
        page.keyboard().press("k");
        page.locator("#confirm button[value=yes]").press("Enter");
        state("consumer", "failed");
        page.keyboard().press("b");
        page.keyboard().press("s");
        assertThat(page.locator("#node-consumer")).hasAttribute("data-state", "ok", slow());
        page.keyboard().press("a");
        assertThat(page.locator("#events"))
                .containsText("Audit: ok", new LocatorAssertions.ContainsTextOptions().setTimeout(SLOW_MS));
        assertThat(verdict()).hasText("ok");
    }

    @Test
    @Order(9)
    void the_story_shows_the_difference_between_the_modes() {
        button("Play the story").click();
        page.locator("#confirm button[value=yes]").click();
        assertThat(page.locator("#caption-text"))
                .containsText("Compare:", new LocatorAssertions.ContainsTextOptions().setTimeout(4 * SLOW_MS));
        Locator lost = page.locator("#proof tr", new Page.LocatorOptions().setHasText("lost"))
                .locator("td");
        Locator duplicated = page.locator(
                        "#proof tr", new Page.LocatorOptions().setHasText("orders affected by duplicates"))
                .locator("td");
        assertThat(lost).hasText(new String[] {"0", "0"});
        assertThat(duplicated.nth(0)).hasText("0");
        assertThat(duplicated.nth(1)).not().hasText("0");
        assertThat(page.locator("#mode"))
                .hasText("exactly-once", new LocatorAssertions.HasTextOptions().setTimeout(SLOW_MS));
    }

    @Test
    @Order(10)
    void duplicates_and_dead_letters_are_listed_and_a_corrected_order_can_be_replayed() throws Exception {
        button("Same order three times").click();
        assertThat(page.locator("#duplicates tr").first()).containsText("duplicate");
        String id = "corrected-" + System.nanoTime();
        try (Producer<String, String> other = new KafkaProducer<>(
                Map.of("bootstrap.servers", System.getProperty("kafka")),
                new StringSerializer(),
                new StringSerializer())) {
            other.send(new ProducerRecord<>("orders", id, "{\"order_id\":\"" + id + "\"}"))
                    .get();
        }
        Locator letter = page.locator("#dead-letters tr").first();
        assertThat(letter).containsText(id);
        letter.locator("button").click();
        Locator replay = page.locator("#replay button[value=replay]");
        replay.click();
        assertThat(page.locator("#replay-result")).containsText("rejects the order");
        page.locator("#replay-order")
                .fill(
                        "{\"order_id\":\"%s\",\"customer_id\":\"c\",\"items\":[{\"name\":\"w\",\"quantity\":1,\"price\":1.00}],\"total_amount\":1.00}"
                                .formatted(id));
        replay.click();
        assertThat(page.locator("#replay")).not().isVisible();
        assertThat(page.locator("#events")).containsText("Order " + id + " was sent again");
        assertThat(page.locator("#orders")).containsText(id);
    }

    @Test
    @Order(11)
    void on_a_phone_the_controls_are_a_sheet_at_the_bottom() {
        openAgain(390, 844, ColorScheme.LIGHT);
        assertThat(button("One order")).not().isVisible();
        button("Controls and events").click();
        button("One order").click();
        assertThat(page.locator("#events")).containsText("accepted in");
        button("Controls and events").click();
        assertThat(button("One order")).not().isVisible();
    }

    @Test
    @Order(13)
    void a_million_orders_in_the_tables_do_not_slow_the_page() throws SQLException {
        double before = millisUntilUsable();
        try (Connection database = DriverManager.getConnection(System.getProperty("database"));
                Statement statement = database.createStatement()) {
            statement.execute("""
                    INSERT INTO orders
                    SELECT 'million-' || i, 'customer-' || i % 500, '[{"name":"w","quantity":1,"price":1.00}]', 1.00, now(),
                           'processed', now() - i * interval '1 ms', 'consumer-1', 'exactly-once', i % 6, 1000000000 + i
                      FROM generate_series(1, 1000000) i""");
            statement.execute("""
                    INSERT INTO processed_messages
                    SELECT 'orders.processed', i % 6, 1000000000 + i, 'million-' || i, now() - i * interval '1 ms', 'consumer-1',
                           'exactly-once', i % 6, 1000000000 + i
                      FROM generate_series(1, 1000000) i""");
            statement.execute("ANALYZE");
        }
        double after = millisUntilUsable();
        System.out.printf("usable after %.0f ms, with a million orders after %.0f ms%n", before, after);
        assertThat(page.locator("#tile-stored dd").first()).hasText(Pattern.compile("1,0\\d\\d,\\d\\d\\d"));
        assertThat(after).as("milliseconds until the page is usable").isLessThan(1.5 * before);
    }

    /** Returns the time from the request to a page with figures, orders and enabled buttons, the fastest of three. */
    private double millisUntilUsable() {
        double fastest = Double.MAX_VALUE;
        for (int load = 0; load < 3; load++) {
            context.close();
            context = browser.newContext();
            page = context.newPage();
            long started = System.nanoTime();
            page.navigate(URL);
            assertThat(page.locator("#tile-stored dd").first()).not().hasText("–");
            assertThat(page.locator("#orders a").first()).isVisible();
            assertThat(button("One order")).isEnabled();
            fastest = Math.min(fastest, (System.nanoTime() - started) / 1e6);
        }
        return fastest;
    }

    @Test
    @Order(12)
    void the_page_is_accessible_and_readable_in_each_size_and_color_scheme() throws IOException {
        String axe = resource("/axe.min.js");
        button("Delete all orders").click();
        page.locator("#confirm button[value=yes]").click();
        assertThat(page.locator("#tile-stored dd").first())
                .hasText("0", new LocatorAssertions.HasTextOptions().setTimeout(SLOW_MS));
        button("100 orders").click();
        assertThat(page.locator("#tile-stored dd").first())
                .hasText("100", new LocatorAssertions.HasTextOptions().setTimeout(SLOW_MS));
        button("Audit").click();
        assertThat(verdict()).hasText("ok", new LocatorAssertions.HasTextOptions().setTimeout(SLOW_MS));
        for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
            for (int width : new int[] {390, 1440, 1920}) {
                openAgain(width, width == 390 ? 844 : 1000, scheme);
                assertThat(page.locator("#tile-stored dd").first()).not().hasText("–");
                page.waitForTimeout(1_500);
                page.evaluate(axe);
                Object violations = page.evaluate(
                        "async () => (await axe.run()).violations.map(v => v.id + ': ' + v.nodes.map(n => n.target).join(' '))");
                assertThat((List<?>) violations).as("%d %s", width, scheme).isEmpty();
                Object overflow = page.evaluate("() => document.documentElement.scrollWidth - innerWidth");
                assertThat(((Number) overflow).intValue())
                        .as("horizontal scrolling at %d", width)
                        .isLessThanOrEqualTo(0);
                page.screenshot(new Page.ScreenshotOptions()
                        .setFullPage(true)
                        .setPath(Path.of(
                                System.getProperty("screenshots"),
                                "console-%d-%s.png"
                                        .formatted(width, scheme.name().toLowerCase(Locale.ROOT)))));
            }
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream file = ConsoleBrowserIT.class.getResourceAsStream(name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private void state(String component, String expected) {
        assertThat(page.locator("#node-" + component)).hasAttribute("data-state", expected);
    }

    private static LocatorAssertions.HasAttributeOptions slow() {
        return new LocatorAssertions.HasAttributeOptions().setTimeout(SLOW_MS);
    }

    private static void control(String component, String action) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(URL + "components/" + component + "/" + action))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            var response = http.send(request, BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
