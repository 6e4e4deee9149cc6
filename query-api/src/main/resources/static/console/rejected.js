// The newest duplicates and dead letters, and the replay of a dead letter.

import { forward, isOk, reasonOf, state, subscribe } from "./store.js";
import { cells, emptyRow, orderLink } from "./table.js";

const byId = (id) => document.getElementById(id);
const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const number = new Intl.NumberFormat("en");

/** No figure of the samples shows that a dead letter was written. */
const DEAD_LETTERS_MS = 5000;
const MAX_EDITABLE_BYTES = 200000;
const STREAM_TOPIC = "orders.dlq";

let duplicates = -1;
let deadLettersAt = -Infinity;
let selected = null;

function duplicateRow(duplicate) {
  return cells([
    [orderLink(duplicate.order_id), "id"],
    [duplicate.conflict ? "conflict" : "duplicate", duplicate.conflict ? "warn" : ""],
    [`${duplicate.source_partition} / ${duplicate.source_offset}`, "number"],
    [`${duplicate.source_partition} / ${duplicate.first_offset}`, "number"],
    [time.format(new Date(duplicate.detected_at))],
  ]);
}

async function refreshDuplicates() {
  const current = state.sample?.tables?.duplicates_rejected;
  if (current === undefined || current === duplicates) return;
  const response = await forward("api", "GET", "/duplicates");
  if (!isOk(response)) return;
  duplicates = current;
  const rows = response.json.duplicates.map(duplicateRow);
  byId("duplicates").replaceChildren(...(rows.length ? rows : [emptyRow("No duplicate was rejected", 5)]));
}

function deadLetterRow(letter) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Replay …";
  button.setAttribute("aria-label", `Replay ${nameOf(letter)}`);
  button.addEventListener("click", () => openReplay(letter));
  return cells([
    [nameOf(letter), "id"],
    [letter.reason],
    [(letter.value ?? "no value").slice(0, 80), "id"],
    [time.format(new Date(letter.at))],
    [button],
  ]);
}

const nameOf = (letter) => `${letter.topic} ${letter.partition} / ${letter.offset}`;

async function refreshDeadLetters() {
  if (performance.now() - deadLettersAt < DEAD_LETTERS_MS) return;
  deadLettersAt = performance.now();
  const response = await forward("api", "GET", "/dead-letters");
  if (!isOk(response)) {
    byId("dead-letters-state").textContent = `Not read: ${reasonOf(response)}`;
    return;
  }
  byId("dead-letters-state").textContent = `Read at ${time.format(new Date())}`;
  const letters = response.json.dead_letters;
  const key = letters.map(nameOf).join();
  if (byId("dead-letters").dataset.key === key) return;
  byId("dead-letters").dataset.key = key;
  const rows = letters.map(deadLetterRow);
  byId("dead-letters").replaceChildren(...(rows.length ? rows : [emptyRow("There is no dead letter", 5)]));
}

const pathOf = (letter) => `/dead-letters/${letter.topic}/${letter.partition}/${letter.offset}`;

async function openReplay(letter) {
  selected = { letter, original: letter.value ?? "" };
  const ofStream = letter.topic === STREAM_TOPIC;
  byId("replay-title").textContent = `Replay ${nameOf(letter)}`;
  byId("replay-reason").textContent = letter.reason;
  byId("replay-text").textContent = ofStream
    ? "The order is sent to the ingest API again. You can correct it first. A second replay with the same order_id is rejected as a duplicate."
    : "The sink reads the record in its topic again. Fix the cause first, for example in the table. Rows that exist do not change.";
  byId("replay-editor").hidden = !ofStream;
  byId("replay-result").textContent = "";
  byId("replay-order").value = selected.original;
  byId("replay").showModal();
  if (!ofStream || letter.value_bytes <= selected.original.length) return;
  if (letter.value_bytes > MAX_EDITABLE_BYTES) {
    byId("replay-result").textContent = `The value has ${number.format(letter.value_bytes)} bytes. It is sent unchanged`;
    byId("replay-editor").hidden = true;
    return;
  }
  const response = await forward("api", "GET", pathOf(letter));
  if (!isOk(response)) return;
  selected.original = response.text;
  byId("replay-order").value = response.text;
}

async function replay(report) {
  const { letter, original } = selected;
  const text = byId("replay-order").value;
  const isChanged = !byId("replay-editor").hidden && text !== original;
  byId("replay-result").textContent = "Replaying …";
  try {
    const response = await forward("api", "POST", `${pathOf(letter)}/replay`, isChanged ? text : undefined);
    if (!isOk(response)) {
      byId("replay-result").textContent = reasonOf(response);
      return;
    }
    const { through, order_id, record } = response.json;
    const target = `${record.topic} partition ${record.partition}, offset ${record.offset}`;
    byId("replay").close();
    report("ok", through === "ingest" ? `Order ${order_id} was sent again: ${target}` : `The sink reads ${target} again`, response.json);
  } catch (error) {
    byId("replay-result").textContent = error.message;
  }
}

async function refresh() {
  if (document.hidden) return;
  try {
    await Promise.all([refreshDuplicates(), refreshDeadLetters()]);
  } catch {
    // This service is down.
  }
}

/** @param report adds an event to the page */
export function start(report) {
  byId("replay-form").addEventListener("submit", (event) => {
    if (event.submitter?.value === "cancel") return;
    event.preventDefault();
    replay(report);
  });
  subscribe(({ sample }) => sample && refresh());
}
