// The page: connects the modules, the buttons and the keyboard.

import * as actions from "./actions.js";
import * as components from "./components.js";
import * as flow from "./flow.js";
import * as order from "./order.js";
import * as plots from "./plots.js";
import * as rejected from "./rejected.js";
import * as store from "./store.js";
import * as story from "./story.js";

const { state } = store;
const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const MAX_EVENTS = 60;

// ---- Top bar -------------------------------------------------------------------------------------------------------

const modes = {
  "exactly-once": ["exactly-once", "good"],
  "at-least-once": ["at-least-once", "warn"],
  "exactly-once-without": ["exactly-once, no deduplication", "warn"],
  unsafe: ["at-least-once with deduplication: unsafe", "bad"],
};

function showMode() {
  const [text, kind] = modes[actions.currentPreset()] ?? ["mode unknown", "old"];
  const old = store.isOld("consumer");
  byId("mode").textContent = old && kind !== "old" ? `${text} (last known)` : text;
  byId("mode").className = `mode ${old ? "old" : kind}`;
}

function showData() {
  const silence = store.silence();
  const target = byId("data");
  if (state.problem) target.textContent = state.problem;
  else if (silence === Infinity) target.textContent = "no data yet";
  else if (store.isStale()) target.textContent = `stale: ${Math.round(silence / 1000)} s`;
  else target.textContent = "● live";
  target.className = `data ${store.isStale() ? "bad" : "good"}`;
  document.body.classList.toggle("stale", store.isStale());
}

// ---- Figures -------------------------------------------------------------------------------------------------------

const tiles = [
  { id: "stored", name: "Orders stored", source: "tables", value: (s) => s.tables?.total_unique_orders },
  {
    id: "emitted",
    name: "Records emitted twice",
    source: "tables",
    value: (s) => s.tables?.duplicates_emitted,
    kind: (value) => (value > 0 ? "bad" : "good"),
  },
  { id: "rejected", name: "Duplicates rejected", source: "tables", value: (s) => s.tables?.duplicates_rejected },
  { id: "conflicts", name: "Conflicts", source: "tables", value: (s) => s.tables?.conflicts, kind: (value) => (value > 0 ? "warn" : "") },
  { id: "minute", name: "Processed in the last minute", source: "tables", value: (s) => s.tables?.processing_rate_per_minute },
  {
    id: "unstored",
    name: "Records waiting",
    source: "kafka",
    value: (s) => s.flow && ["orders", "processed", "duplicates"].reduce((sum, step) => sum + s.flow[step].waiting + s.flow[step].open, 0),
    kind: (value) => (value > 0 ? "warn" : ""),
  },
  { id: "oldest", name: "Oldest waiting record, s", source: "kafka", value: (s) => s.flow?.lag_seconds, kind: (value) => (value > 10 ? "warn" : "") },
  { id: "p50", name: "Latency p50, ms", source: "latency", value: (s) => s.latency?.p50_ms },
  { id: "p99", name: "Latency p99, ms", source: "latency", value: (s) => s.latency?.p99_ms },
];

function createTiles() {
  for (const tile of tiles) {
    const div = document.createElement("div");
    div.id = `tile-${tile.id}`;
    const name = document.createElement("dt");
    name.textContent = tile.name;
    const value = document.createElement("dd");
    const age = document.createElement("dd");
    age.className = "age";
    div.append(name, value, age);
    byId("tiles").append(div);
  }
}

function showTiles() {
  for (const { id, source, value, kind } of tiles) {
    const tile = byId(`tile-${id}`);
    const found = state.sample ? value(state.sample) : undefined;
    const age = store.ageOf(source);
    const old = store.isOld(source);
    const isNumber = typeof found === "number";
    tile.className = old ? "old" : isNumber && kind ? kind(found) : "";
    tile.children[1].textContent = isNumber ? number.format(Math.round(found * 10) / 10) : "–";
    tile.children[2].textContent = old && age !== Infinity ? `${Math.round(age)} s old` : "";
  }
}

// ---- Events --------------------------------------------------------------------------------------------------------

const ownEvents = [];
let shown = "";

function addEvent(kind, text, json) {
  ownEvents.push({ at: new Date().toISOString(), kind, text, json });
  showEvents();
}

function eventItem({ at, kind, text, json }) {
  const item = document.createElement("li");
  item.className = kind;
  const moment = document.createElement("time");
  moment.dateTime = at;
  moment.textContent = time.format(new Date(at));
  item.append(moment, " ");
  if (json === undefined) {
    item.append(text);
    return item;
  }
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = text;
  const code = document.createElement("pre");
  code.textContent = JSON.stringify(json, null, 2);
  details.append(summary, code);
  item.append(details);
  return item;
}

function showEvents() {
  const all = [...state.events, ...ownEvents].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, MAX_EVENTS);
  const key = `${all.length} ${all[0]?.at} ${all[0]?.text}`;
  if (key === shown) return;
  shown = key;
  byId("events").replaceChildren(...all.map(eventItem));
}

// ---- Buttons -------------------------------------------------------------------------------------------------------

function confirmed(text) {
  const dialog = byId("confirm");
  byId("confirm-text").textContent = text;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

const buttons = {
  order: actions.one,
  burst: actions.burst,
  duplicate: actions.duplicate,
  audit: () => story.auditNow(),
  crash: async () => ((await confirmed("Crash the stream, as kill -9 does?")) ? actions.crash() : null),
  reset: async () => ((await confirmed("Delete every order, in the topics and in the tables?")) ? actions.reset() : null),
  story: async () =>
    (await confirmed("The story deletes all orders and crashes the stream, once per mode. Start it?")) ? story.play() : null,
};

/** Adds the result of the action, or the reason of its failure, to the events. */
async function report(name, action) {
  try {
    const done = await action();
    if (done) addEvent("ok", done.text, done.json);
  } catch (error) {
    addEvent("failed", `${name}: ${error.message}`);
  }
}

const startStream = () => report("Start the stream", () => components.startComponent("consumer"));

async function run(button, action) {
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  try {
    await report(button.textContent, action);
  } finally {
    button.removeAttribute("aria-busy");
    button.disabled = false;
    showButtons();
  }
}

/** A button whose component is not running would only fail. */
function showButtons() {
  for (const button of document.querySelectorAll("[data-needs]")) {
    if (button.hasAttribute("aria-busy")) continue;
    const status = store.component(button.dataset.needs);
    const isPossible = Boolean(status?.running) && !store.isStale();
    button.disabled = !isPossible;
    button.title = isPossible ? "" : `The ${button.dataset.needs} is not running`;
  }
}

function startButtons() {
  for (const button of document.querySelectorAll("[data-action]")) {
    button.addEventListener("click", () => run(button, buttons[button.dataset.action]));
  }
}

// ---- Load and mode -------------------------------------------------------------------------------------------------

let load = null;

function startLoad() {
  byId("rate").addEventListener("input", ({ target }) => {
    byId("rate-text").textContent = target.value;
    if (load) load.perSecond = Number(target.value);
  });
  byId("twice").addEventListener("input", ({ target }) => {
    if (load) load.twicePercent = Number(target.value);
  });
  byId("load").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter ?? event.target.querySelector("button");
    if (load) {
      const ended = load;
      load = null;
      await ended.stop();
    } else {
      load = new actions.Load(Number(byId("rate").value), Number(byId("twice").value)).start();
    }
    button.setAttribute("aria-pressed", String(load !== null));
    button.textContent = load ? "Stop the load" : "Start the load";
  });
}

function showLoad() {
  if (load) {
    const { sent, acknowledged, indeterminate, rejected } = load;
    byId("load-result").textContent =
      `${number.format(sent)} requests: ${number.format(acknowledged)} acknowledged, ${rejected} rejected, ${indeterminate} indeterminate`;
  }
}

let modeIsChosen = false;

function startModes() {
  const form = byId("mode-form");
  form.addEventListener("change", () => {
    modeIsChosen = true;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const preset = new FormData(form).get("preset");
    if (!preset) return;
    run(form.querySelector("button"), async () => {
      const done = await actions.apply(preset);
      modeIsChosen = false;
      return done;
    });
  });
}

/** Selects the current mode. Keeps a mode that the user has selected but not applied yet. */
function showPreset() {
  const preset = actions.currentPreset();
  if (modeIsChosen || !preset) return;
  for (const radio of byId("mode-form").elements.preset) radio.checked = radio.value === preset;
}

// ---- Bottom sheet on phones -----------------------------------------------------------------------------------------

function startSheet() {
  byId("sheet").addEventListener("click", ({ currentTarget }) => {
    const open = byId("rail").classList.toggle("open");
    currentTarget.setAttribute("aria-expanded", String(open));
  });
}

// ---- Keyboard ------------------------------------------------------------------------------------------------------

const click = (action) => document.querySelector(`[data-action=${action}]`).click();
const keys = {
  1: ["one order", () => click("order")],
  b: ["100 orders", () => click("burst")],
  d: ["same order three times", () => click("duplicate")],
  k: ["crash the stream", () => click("crash")],
  s: ["start the stream", () => startStream()],
  a: ["audit", () => click("audit")],
  f: ["projector mode", () => byId("projector").click()],
  "/": ["search an order", () => byId("order-id").focus()],
  "?": ["this list", () => byId("help").showModal()],
};

function startKeys() {
  for (const [key, [text]] of Object.entries(keys)) {
    const dt = document.createElement("dt");
    dt.textContent = key.toUpperCase();
    const dd = document.createElement("dd");
    dd.textContent = text;
    byId("keys").append(dt, dd);
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey;
    const action = keys[event.key.toLowerCase()];
    if (typing || !action) return;
    event.preventDefault();
    action[1]();
  });
  byId("help-button").addEventListener("click", () => byId("help").showModal());
  byId("projector").addEventListener("click", ({ currentTarget }) => {
    const on = document.body.classList.toggle("projector");
    currentTarget.setAttribute("aria-pressed", String(on));
  });
}

// ---- Start ---------------------------------------------------------------------------------------------------------

function show() {
  showData();
  showMode();
  showTiles();
  showEvents();
  showButtons();
  showLoad();
  showPreset();
}

byId("token").value = sessionStorage.getItem("token") ?? "";
byId("token").addEventListener("change", ({ target }) => sessionStorage.setItem("token", target.value));
createTiles();
startButtons();
components.start(run);
startLoad();
startModes();
startKeys();
flow.start();
plots.start();
order.start();
rejected.start(addEvent);
startSheet();
story.start();
store.subscribe(show);
store.start();
