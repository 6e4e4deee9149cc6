// The console: polls this service once per second. Sends the requests to the producer and the consumer through the
// /console/… proxy of this service, so that the page uses only one origin.

const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const HISTORY_SECONDS = 120;
const MAX_EVENTS = 50;

async function call(path, { method = "GET", body, timeout = 5000 } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const token = sessionStorage.getItem("token");
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(timeout),
  });
  const text = await response.text();
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Not JSON: the caller uses the text.
  }
  if (!response.ok) throw new Error(json?.detail ?? (text || `status ${response.status}`));
  return { json, text };
}

// ---- Display -----------------------------------------------------------------------------------------------------

function show(id, value) {
  byId(id).textContent = value === null || value === undefined ? "–" : number.format(value);
}

function setClass(id, name) {
  byId(id).className = name;
}

function showStats(stats) {
  show("processed", stats.total_processed_messages);
  show("unique", stats.total_unique_orders);
  show("emitted", stats.duplicates_emitted);
  show("rejected", stats.duplicates_rejected);
  show("conflicts", stats.conflicts);
  show("in-flight", stats.orders_in_flight);
  show("rate", stats.processing_rate_per_minute);
  setClass("conflicts-tile", stats.conflicts > 0 ? "warn" : "");
  setClass("in-flight-tile", stats.orders_in_flight > 0 ? "warn" : "");
  setClass("emitted-tile", stats.duplicates_emitted > 0 ? "bad" : "good");
}

function row(cells) {
  const tr = document.createElement("tr");
  for (const { text, kind } of cells) {
    const td = document.createElement("td");
    td.textContent = text;
    if (kind) td.className = kind;
    tr.append(td);
  }
  return tr;
}

function showLag(lag, groups) {
  show("lag", lag.total_lag);
  setClass("lag-tile", lag.total_lag > 0 ? "warn" : "");
  const members = new Map(groups.map((group) => [group.group_id, group.members.length]));
  byId("groups").replaceChildren(
    ...lag.consumer_groups.map((group) =>
      row([
        { text: group.consumer_group },
        { text: members.get(group.consumer_group) || "none" },
        { text: number.format(group.total_lag), kind: "number" },
      ]),
    ),
  );
}

// Amounts are JSON numbers with two decimals. A double shows the same digits below 2^53 cents.
const money = (amount) => amount.toFixed(2);

function showOrders(orders) {
  byId("orders").replaceChildren(
    ...orders.map((order) =>
      row([
        { text: order.order_id, kind: "id" },
        { text: order.customer_id },
        { text: order.items.map((item) => `${item.quantity} × ${item.name}`).join(", ") },
        { text: money(order.total_amount), kind: "number" },
        { text: time.format(new Date(order.processed_at)) },
        { text: order.consumer_id },
        { text: order.processing_mode },
      ]),
    ),
  );
}

const history = [];

function draw(stats, lag) {
  history.push({ at: performance.now(), processed: stats.total_processed_messages, lag: lag.total_lag });
  while (history.length > HISTORY_SECONDS + 1) history.shift();
  const rates = history.slice(1).map((now, i) => {
    const before = history[i];
    return Math.max(0, (now.processed - before.processed) / ((now.at - before.at) / 1000));
  });
  line("rate-line", rates);
  line("lag-line", history.slice(1).map((point) => point.lag));
  show("rate-now", Math.round(rates.at(-1) ?? 0));
  show("lag-now", lag.total_lag);
}

function line(id, values) {
  const top = Math.max(1, ...values);
  const step = 600 / HISTORY_SECONDS;
  const first = 600 - (values.length - 1) * step;
  byId(id).setAttribute(
    "points",
    values.map((value, i) => `${(first + i * step).toFixed(1)},${(86 - (value / top) * 82).toFixed(1)}`).join(" "),
  );
}

function showService(name, state, reason = "") {
  const item = document.querySelector(`[data-service=${name}]`);
  item.dataset.state = state;
  item.title = reason;
  item.querySelector("b").textContent = state;
}

/** Shows the current settings, except in the field that the user is editing. */
function fill(form, config) {
  for (const field of form.elements) {
    if (field === document.activeElement || !(field.name in config)) continue;
    if (field.type === "checkbox") field.checked = config[field.name];
    else field.value = config[field.name] ?? 0;
  }
}

async function refreshSettings(name) {
  try {
    const { json } = await call(`console/${name}/config`);
    fill(byId(`${name}-form`), json);
    showService(name, "up");
  } catch (error) {
    showService(name, "down", error.message);
  }
}

async function refreshFigures() {
  try {
    const [stats, lag, groups, orders] = await Promise.all([
      call("stats"),
      call("kafka/lag"),
      call("kafka/consumer-groups"),
      call("orders?limit=10"),
    ]);
    showStats(stats.json);
    showLag(lag.json, groups.json.consumer_groups);
    showOrders(orders.json.orders);
    draw(stats.json, lag.json);
    showService("api", "up");
  } catch (error) {
    showService("api", "down", error.message);
  }
}

async function refresh() {
  if (!document.hidden) await Promise.all([refreshFigures(), refreshSettings("producer"), refreshSettings("consumer")]);
  setTimeout(refresh, 1000);
}

// ---- Actions -----------------------------------------------------------------------------------------------------

function addEvent(action, response, failed = false) {
  const item = document.createElement("li");
  item.className = failed ? "bad" : "";
  const code = document.createElement("code");
  code.textContent = response;
  item.append(`${time.format(new Date())} ${action}: `, code);
  const events = byId("events");
  events.prepend(item);
  while (events.children.length > MAX_EVENTS) events.lastChild.remove();
}

function order() {
  const quantity = 1 + Math.floor(Math.random() * 5);
  const cents = 100 + Math.floor(Math.random() * 9900);
  return {
    customer_id: `customer-${1 + Math.floor(Math.random() * 500)}`,
    items: [{ name: "Widget", quantity, price: cents / 100 }],
    total_amount: (cents * quantity) / 100,
  };
}

const post = (path, body, timeout) => call(path, { method: "POST", body, timeout });

const actions = {
  order: async () => addEvent("One order", (await post("console/producer/orders", order())).text),
  burst: async () => {
    const started = performance.now();
    const sent = await Promise.allSettled(
      Array.from({ length: 100 }, () => post("console/producer/orders", order(), 30000)),
    );
    const rejected = sent.filter((result) => result.status === "rejected");
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    addEvent("100 orders", `${sent.length - rejected.length} acknowledged in ${seconds} s`);
    if (rejected.length) throw rejected[0].reason;
  },
  duplicate: async () =>
    addEvent("Same order three times", (await post("console/producer/simulate/duplicate", order())).text),
  crash: async () => addEvent("Crash", (await post("console/consumer/simulate/crash")).text || "sent"),
  audit: async () => {
    const verdict = byId("verdict");
    verdict.className = "verdict";
    verdict.textContent = "Audit is running …";
    try {
      const { json: audit } = await call("audit", { timeout: 600000 });
      verdict.classList.add(audit.verdict === "ok" ? "good" : "bad");
      verdict.textContent =
        `${audit.verdict}: ${number.format(audit.orders)} orders in ${number.format(audit.elapsed_ms)} ms\n` +
        `${audit.missing} missing, ${audit.duplicated} duplicated, ${audit.phantom} phantom, ` +
        `${audit.altered} altered, ${audit.rows_missing} without rows, ${audit.unmarked_conflicts} unmarked conflicts; ` +
        `${audit.conflicts} conflicts kept, ${audit.not_stored} not stored yet`;
    } catch (error) {
      verdict.textContent = "";
      throw error;
    }
  },
  reset: async () => {
    if (!confirm("Delete every order, in the topics and in the tables?")) return;
    const { json } = await post("reset", undefined, 120000);
    addEvent("Reset", `${number.format(json.removed.orders)} orders removed in ${number.format(json.elapsed_ms)} ms`);
    history.length = 0;
  },
};

for (const button of document.querySelectorAll("[data-action]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await actions[button.dataset.action]();
    } catch (error) {
      addEvent(button.textContent, error.message, true);
    } finally {
      button.disabled = false;
    }
  });
}

for (const name of ["producer", "consumer"]) {
  const form = byId(`${name}-form`);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", async ({ target }) => {
    const value = target.type === "checkbox" ? target.checked : target.type === "number" ? Number(target.value) : target.value;
    const change = { [target.name]: value };
    // enable_idempotency:false alone would also select at-least-once. Send both fields to change only this one.
    if (target.name === "enable_idempotency") change.processing_mode = form.elements.processing_mode.value;
    if (target.name === "processing_mode") change.enable_idempotency = form.elements.enable_idempotency.checked;
    target.blur();
    try {
      addEvent(`${name} settings`, (await post(`console/${name}/config`, change, 60000)).text);
    } catch (error) {
      addEvent(`${name} settings`, error.message, true);
    }
  });
}

byId("token").value = sessionStorage.getItem("token") ?? "";
byId("token").addEventListener("change", ({ target }) => sessionStorage.setItem("token", target.value));

refresh();
