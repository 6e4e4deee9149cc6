// The console: asks this service once a second, and passes what is pressed on to the producer and the consumer,
// through this service's own /console/… so that the page talks to one origin only.

const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const HISTORY_SECONDS = 120;
const MAX_EVENTS = 50;

async function call(path, { method = "GET", body, patience = 5000 } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const token = sessionStorage.getItem("token");
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(patience),
  });
  const text = await response.text();
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Not JSON: the text itself is the answer.
  }
  if (!response.ok) throw new Error(json?.detail ?? (text || `status ${response.status}`));
  return { json, text };
}

// ---- what is shown ----------------------------------------------------------------------------------------------

function show(id, value) {
  byId(id).textContent = value === null || value === undefined ? "–" : number.format(value);
}

function mood(id, name) {
  byId(id).className = name;
}

function showStats(stats) {
  show("processed", stats.total_processed_messages);
  show("unique", stats.total_unique_orders);
  show("emitted", stats.duplicates_emitted);
  show("rejected", stats.duplicates_rejected);
  show("rate", stats.processing_rate_per_minute);
  mood("emitted-tile", stats.duplicates_emitted > 0 ? "bad" : "good");
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
  mood("lag-tile", lag.total_lag > 0 ? "warn" : "");
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

// Money comes as a JSON number with two decimals; a float shows no other digits below 2^53 cents.
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

function part(name, state, reason = "") {
  const item = document.querySelector(`[data-part=${name}]`);
  item.dataset.state = state;
  item.title = reason;
  item.querySelector("b").textContent = state;
}

/** Shows the settings that are in force, but never under the hand of whoever is changing them. */
function fill(form, config) {
  for (const field of form.elements) {
    if (field === document.activeElement || !(field.name in config)) continue;
    if (field.type === "checkbox") field.checked = config[field.name];
    else field.value = config[field.name] ?? 0;
  }
}

async function settings(name) {
  try {
    const { json } = await call(`console/${name}/config`);
    fill(byId(`${name}-form`), json);
    part(name, "up");
  } catch (error) {
    part(name, "down", error.message);
  }
}

async function figures() {
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
    part("api", "up");
  } catch (error) {
    part("api", "down", error.message);
  }
}

async function refresh() {
  if (!document.hidden) await Promise.all([figures(), settings("producer"), settings("consumer")]);
  setTimeout(refresh, 1000);
}

// ---- what can be done -------------------------------------------------------------------------------------------

function say(what, answer, failed = false) {
  const item = document.createElement("li");
  item.className = failed ? "bad" : "";
  const code = document.createElement("code");
  code.textContent = answer;
  item.append(`${time.format(new Date())} ${what}: `, code);
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

const post = (path, body, patience) => call(path, { method: "POST", body, patience });

const actions = {
  order: async () => say("One order", (await post("console/producer/orders", order())).text),
  burst: async () => {
    const started = performance.now();
    const sent = await Promise.allSettled(
      Array.from({ length: 100 }, () => post("console/producer/orders", order(), 30000)),
    );
    const refused = sent.filter((result) => result.status === "rejected");
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    say("100 orders", `${sent.length - refused.length} acknowledged in ${seconds} s`);
    if (refused.length) throw refused[0].reason;
  },
  duplicate: async () =>
    say("The same order three times", (await post("console/producer/simulate/duplicate", order())).text),
  crash: async () => say("Crash", (await post("console/consumer/simulate/crash")).text || "sent"),
  audit: async () => {
    const verdict = byId("verdict");
    verdict.className = "verdict";
    verdict.textContent = "Reading …";
    try {
      const { json: audit } = await call("audit", { patience: 600000 });
      verdict.classList.add(audit.verdict === "ok" ? "good" : "bad");
      verdict.textContent =
        `${audit.verdict}: ${number.format(audit.orders)} orders in ${number.format(audit.elapsed_ms)} ms\n` +
        `${audit.missing} missing, ${audit.duplicated} duplicated, ${audit.phantom} phantom, ` +
        `${audit.altered} altered, ${audit.rows_missing} without a row`;
    } catch (error) {
      verdict.textContent = "";
      throw error;
    }
  },
  reset: async () => {
    if (!confirm("Delete every order, in the topics and in the tables?")) return;
    const { json } = await post("reset", undefined, 120000);
    say("Reset", `${number.format(json.removed.orders)} orders removed in ${number.format(json.elapsed_ms)} ms`);
    history.length = 0;
  },
};

for (const button of document.querySelectorAll("[data-action]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await actions[button.dataset.action]();
    } catch (error) {
      say(button.textContent, error.message, true);
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
    // Unticked alone means the whole at-least-once pipeline (the contract's shorthand); here it means what it says.
    if (target.name === "enable_idempotency") change.processing_mode = form.elements.processing_mode.value;
    if (target.name === "processing_mode") change.enable_idempotency = form.elements.enable_idempotency.checked;
    target.blur();
    try {
      say(`${name} settings`, (await post(`console/${name}/config`, change, 60000)).text);
    } catch (error) {
      say(`${name} settings`, error.message, true);
    }
  });
}

byId("token").value = sessionStorage.getItem("token") ?? "";
byId("token").addEventListener("change", ({ target }) => sessionStorage.setItem("token", target.value));

refresh();
