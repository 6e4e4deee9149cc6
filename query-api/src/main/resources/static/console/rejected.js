// The newest duplicates and dead letters, and the replay of a dead letter.

import { call, forward, isOk, reasonOf, state, subscribe } from "./store.js";
import { cells, Changes, emptyRow, orderLink } from "./table.js";

const byId = (id) => document.getElementById(id);
const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const number = new Intl.NumberFormat("en");

/** No figure of the samples shows that a dead letter was written. */
const DEAD_LETTERS_MS = 5000;
const MAX_EDITABLE_BYTES = 200000;
const STREAM_TOPIC = "orders.dlq";

const changes = new Changes();
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
  if (current === undefined || !changes.isDue(current)) return;
  const response = await forward("api", "GET", "/duplicates");
  if (!isOk(response)) return;
  changes.done();
  const rows = response.json.duplicates.map(duplicateRow);
  byId("duplicates").replaceChildren(...(rows.length ? rows : [emptyRow("No rejected duplicates", 5)]));
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
    byId("dead-letters-state").textContent = `The dead letters could not be read: ${reasonOf(response)}`;
    return;
  }
  byId("dead-letters-state").textContent = `Read at ${time.format(new Date())}`;
  const letters = response.json.dead_letters;
  const key = letters.map(nameOf).join();
  if (byId("dead-letters").dataset.key === key) return;
  byId("dead-letters").dataset.key = key;
  const rows = letters.map(deadLetterRow);
  byId("dead-letters").replaceChildren(...(rows.length ? rows : [emptyRow("No dead letters", 5)]));
}

const pathOf = (letter) => `/dead-letters/${letter.topic}/${letter.partition}/${letter.offset}`;

function setBusy(busy, text = "") {
  for (const element of byId("replay-form").elements) element.disabled = busy && element.value !== "cancel";
  byId("replay-result").textContent = text;
}

async function openReplay(letter) {
  const current = { letter, original: letter.value ?? "" };
  selected = current;
  const ofStream = letter.topic === STREAM_TOPIC;
  const isLarge = letter.value_bytes > MAX_EDITABLE_BYTES;
  byId("replay-title").textContent = `Replay ${nameOf(letter)}`;
  byId("replay-reason").textContent = letter.reason;
  byId("replay-text").textContent = ofStream
    ? "The order is sent to the ingest API again, unless it is already stored. You can correct it first."
    : "The sink reads this record and all later records of the partition again. Fix the cause first, for example in the table. Rows that were deleted since then are written again.";
  byId("replay-editor").hidden = !ofStream || isLarge;
  byId("replay-order").value = current.original;
  setBusy(false, ofStream && isLarge ? `The value (${number.format(letter.value_bytes)} bytes) is too large to edit here. Replay sends the dead letter unchanged, unless the stream has cut it` : "");
  byId("replay").showModal();
  if (!ofStream || isLarge || letter.value_bytes <= current.original.length) return;
  setBusy(true, "Reading the complete value …");
  const response = await call(pathOf(letter).slice(1)).catch((error) => ({ status: 0, text: error.message }));
  if (selected !== current) return;
  setBusy(false, isOk(response) ? "" : reasonOf(response));
  if (!isOk(response)) return;
  current.original = response.text;
  byId("replay-order").value = response.text;
}

async function replay(report) {
  const current = selected;
  const { letter, original } = current;
  const text = byId("replay-order").value;
  const isChanged = !byId("replay-editor").hidden && text !== original;
  if (isChanged && text.trim() === "") {
    setBusy(false, "The order is empty");
    return;
  }
  setBusy(true, "Replaying …");
  let response;
  try {
    response = await forward("api", "POST", `${pathOf(letter)}/replay`, isChanged ? text : undefined);
  } catch (error) {
    response = { status: 0, text: error.message };
  }
  if (isOk(response)) report("ok", resultOf(response.json), response.json);
  if (selected !== current) return;
  setBusy(false, isOk(response) ? "" : reasonOf(response));
  if (isOk(response)) byId("replay").close();
}

function resultOf({ through, order_id, record, records_read_again }) {
  const target = `${record.topic} partition ${record.partition}, offset ${record.offset}`;
  if (through === "none") return `Order ${order_id} is already stored: ${target}`;
  if (through === "ingest") return `Order ${order_id} was sent again: ${target}`;
  return `The sink reads ${number.format(records_read_again)} offsets again, from ${target}`;
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
