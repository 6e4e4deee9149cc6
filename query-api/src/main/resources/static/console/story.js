// The proof: the same run under exactly-once and under at-least-once, side by side. Each column keeps its last run.

import { apply, audit, control, crash, Load, reset, verdicts } from "./actions.js";
import { component, state, subscribe } from "./store.js";

const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const MODES = ["exactly-once", "at-least-once"];
const LOAD_SECONDS = 6;
const RATE = 40;
const TWICE_PERCENT = 8;
const STORAGE = "onlyonce.runs";

const lines = [
  ["verdict", (run) => run.verdict],
  ["checked at", (run) => new Date(run.at).toLocaleTimeString("en-GB")],
  ["requests sent", (run) => run.sent],
  ["acknowledged", (run) => run.acknowledged],
  ["indeterminate (no response)", (run) => run.indeterminate],
  ["orders", (run) => run.orders],
  ["lost", (run) => run.lost],
  ["orders affected by duplicates", (run) => run.duplicated],
  ["records emitted twice", (run) => run.emitted],
  ["phantom", (run) => run.phantom],
  ["altered", (run) => run.altered],
  ["recovery after the crash, s", (run) => run.recovery],
];

let runs = load();

function load() {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE)) ?? {};
  } catch {
    return {};
  }
}

function keep(mode, run) {
  runs = { ...runs, [mode]: run };
  sessionStorage.setItem(STORAGE, JSON.stringify(runs));
  show();
}

/** A verdict belongs to the data that it has checked. */
function isCurrent(run) {
  const tables = state.sample?.tables;
  const changed = state.events.some((event) => event.kind !== "ok" && event.kind !== "affected" && Date.parse(event.at) > run.at);
  return !run.outdated && tables && tables.total_processed_messages === run.rows && !changed;
}

function cell(tag, text, kind) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (kind) element.className = kind;
  if (tag === "th") element.scope = kind === "mode-name" ? "col" : "row";
  return element;
}

function show() {
  const table = byId("proof");
  const head = document.createElement("tr");
  head.append(cell("td", ""), ...MODES.map((mode) => cell("th", mode, "mode-name")));
  const body = lines.map(([name, value]) => {
    const tr = document.createElement("tr");
    tr.append(cell("th", name));
    for (const mode of MODES) {
      const run = runs[mode];
      const found = run ? value(run) : undefined;
      const text = found === undefined || found === null ? "–" : typeof found === "number" ? number.format(found) : found;
      const td = cell("td", text, "number");
      if (run && name === "verdict") td.classList.add(run.verdict === "ok" ? "good" : "bad");
      if (run && !isCurrent(run)) td.classList.add("old");
      tr.append(td);
    }
    return tr;
  });
  table.replaceChildren(head, ...body);
}

function result(report, counts = {}) {
  const tables = state.sample?.tables;
  return {
    at: Date.now(),
    rows: report.processed_rows,
    verdict: report.verdict,
    orders: report.orders,
    lost: report.missing + report.rows_missing,
    duplicated: report.duplicated,
    emitted: tables && tables.total_processed_messages === report.processed_rows ? tables.duplicates_emitted : null,
    phantom: report.phantom,
    altered: report.altered,
    ...counts,
  };
}

/** Fills the columns with the newest audits, unless this page has a newer one. */
async function readVerdicts() {
  for (const verdict of (await verdicts()).reverse()) {
    const at = Date.parse(verdict.audited_at);
    const mode = verdict.processing_mode;
    if (!MODES.includes(mode) || runs[mode]?.at > at) continue;
    keep(mode, { ...result(verdict), at, emitted: null, outdated: verdict.outdated_by !== null });
  }
}

/** Audits the current data, and shows the result in the column of the current mode. */
export async function auditNow(wait = 10) {
  const report = await audit(wait);
  const mode = state.sample?.settings?.processing_mode === "at-least-once" ? "at-least-once" : "exactly-once";
  keep(mode, result(report));
  const found = report.missing + report.rows_missing + report.duplicated + report.phantom + report.altered;
  return {
    text: `Audit: ${report.verdict}. ${number.format(report.orders)} orders, ${found === 0 ? "no anomaly" : `${number.format(found)} anomalies`}, ${number.format(report.not_stored)} not stored yet`,
    json: report,
  };
}

// ---- The story -----------------------------------------------------------------------------------------------------

let paused = false;
let stepping = false;
let cancelled = false;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(condition, seconds) {
  const end = performance.now() + seconds * 1000;
  while (!condition()) {
    if (cancelled) throw new Error("The story was stopped");
    if (performance.now() > end) throw new Error(`The story waited for more than ${seconds} s`);
    await sleep(200);
  }
}

/** Shows what happens next. If the story is paused, waits for the next step. */
async function caption(text) {
  byId("caption").hidden = false;
  byId("caption-text").textContent = text;
  await until(() => !paused || stepping, 3600);
  stepping = false;
}

const isDown = (name) => component(name)?.state === "failed";
const isUp = (name) => component(name)?.state === "ok";

async function startStream() {
  if (state.control) {
    await caption("The stream is started again.");
    await control("consumer", "start");
  } else {
    await caption(`Start the stream again: ${state.startCommand} consumer`);
  }
  await until(() => isUp("consumer"), 300);
}

async function runMode(mode) {
  await caption(`${mode}: the mode of the stream is set, and all orders are deleted.`);
  await apply(mode);
  await reset();
  await until(() => state.sample?.tables?.total_processed_messages === 0, 60);
  await caption(`${mode}: ${RATE} orders per second are sent, ${TWICE_PERCENT} % of them twice.`);
  const traffic = new Load(RATE, TWICE_PERCENT).start();
  try {
    await sleep((LOAD_SECONDS / 2) * 1000);
    await caption(`${mode}: the stream crashes while it processes orders.`);
    const killedAt = performance.now();
    await crash().catch(() => {});
    await until(() => isDown("consumer"), 60);
    await startStream();
    const recovery = (performance.now() - killedAt) / 1000;
    await sleep((LOAD_SECONDS / 2) * 1000);
    await traffic.stop();
    await caption(`${mode}: the audit waits until all orders are stored, and compares topics and tables.`);
    const report = await audit(60);
    await sleep(1500);
    keep(mode, result(report, { sent: traffic.sent, acknowledged: traffic.acknowledged, indeterminate: traffic.indeterminate, recovery: Math.round(recovery * 10) / 10 }));
    await caption(
      report.duplicated === 0 && report.missing === 0
        ? `${mode}: nothing was lost and nothing was duplicated.`
        : `${mode}: ${report.duplicated} orders were duplicated, ${report.missing} were lost.`,
    );
    await sleep(2000);
  } finally {
    await traffic.stop();
  }
}

export async function play() {
  cancelled = false;
  paused = false;
  try {
    for (const mode of MODES) await runMode(mode);
    const [exactly, atLeast] = MODES.map((mode) => runs[mode]);
    await caption(`Compare: ${exactly.duplicated} duplicated under exactly-once, ${atLeast.duplicated} under at-least-once.`);
    return { text: "The story has ended", json: runs };
  } finally {
    await apply("exactly-once").catch(() => {});
  }
}

export function start() {
  const caption_ = byId("caption");
  const text = document.createElement("span");
  text.id = "caption-text";
  caption_.append(text);
  for (const [label, action] of [
    ["Pause", (button) => {
      paused = !paused;
      button.textContent = paused ? "Continue" : "Pause";
    }],
    ["Step", () => {
      paused = true;
      stepping = true;
    }],
    ["Stop", () => {
      cancelled = true;
      paused = false;
    }],
  ]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => action(button));
    caption_.append(" ", button);
  }
  show();
  readVerdicts().catch(() => {});
  subscribe(({ sample }) => sample && show());
}
