// The newest orders, and the history of one order. The address #/order/ID shows it.

import { forward, isOk, reasonOf, state, subscribe } from "./store.js";
import { cells, Changes, orderLink } from "./table.js";

const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const byId = (id) => document.getElementById(id);
const changes = new Changes();

/** Reads the newest orders if the number of rows has changed. A failed read is repeated with the next sample. */
async function refresh() {
  const tables = state.sample?.tables;
  if (document.hidden || !tables || !changes.isDue(tables.total_processed_messages)) return;
  try {
    const response = await forward("api", "GET", "/orders");
    if (!isOk(response)) return;
    changes.done();
    byId("orders").replaceChildren(
      ...response.json.orders.map((order) =>
        cells([
          [orderLink(order.order_id), "id"],
          [order.customer_id],
          [order.total_amount.toFixed(2), "number"],
          [time.format(new Date(order.processed_at))],
          [order.consumer_id],
          [order.processing_mode],
        ]),
      ),
    );
  } catch {
    // This service is down.
  }
}

function step(when, what, detail) {
  const item = document.createElement("li");
  const moment = document.createElement("time");
  moment.textContent = when ? new Date(when).toISOString().slice(11, 23) : "";
  const name = document.createElement("b");
  name.textContent = what;
  item.append(moment, " ", name, " ", detail);
  return item;
}

function timeline(order) {
  const steps = [
    step(order.created_at, "accepted", `by the ingest API for ${order.customer_id}`),
    step(null, "in orders", `partition ${order.partition}, offset ${order.offset}`),
  ];
  for (const record of order.processing_records) {
    steps.push(
      step(record.processed_at, "processed", `by ${record.consumer_id} (${record.processing_mode}), orders.processed partition ${record.partition}, offset ${record.offset}`),
      step(record.sunk_at, "stored", "as a row of processed_messages and of orders"),
    );
  }
  for (const duplicate of order.rejected_duplicates) {
    const kind = duplicate.conflict ? "conflict" : "duplicate";
    steps.push(step(duplicate.detected_at, `${kind} rejected`, `orders partition ${duplicate.source_partition}, offset ${duplicate.source_offset}`));
  }
  return steps;
}

/** Returns a list of the traces: each request that sent the order has its own. Shows a failure in the list. */
async function traces(id) {
  const path = `/orders/${encodeURIComponent(id)}/records`;
  const response = await forward("api", "GET", path).catch((error) => ({ status: 0, json: { detail: error.message } }));
  const list = document.createElement("ul");
  list.className = "timeline";
  if (!isOk(response)) {
    list.append(step(null, "traces", reasonOf(response)));
    return list;
  }
  for (const record of response.json.records.filter(({ topic }) => topic === "orders")) {
    const where = `of partition ${record.partition}, offset ${record.offset}: `;
    const item = step(record.appended_at, "trace", where);
    item.append(record.trace_url ? traceLink(record) : (record.trace_id ?? "the record was deleted or has no trace"));
    list.append(item);
  }
  return list;
}

function traceLink({ trace_id: id, trace_url: url }) {
  const a = document.createElement("a");
  a.href = url;
  a.target = "_blank";
  a.rel = "noopener";
  a.textContent = id;
  return a;
}

async function showOrder(id) {
  const target = byId("order");
  target.replaceChildren();
  if (!id) return;
  const title = document.createElement("h3");
  title.textContent = id;
  target.append(title);
  const response = await forward("api", "GET", `/orders/${encodeURIComponent(id)}`);
  // In the meantime, the user can have chosen another order.
  if (!title.isConnected) return;
  if (!isOk(response)) {
    const text = document.createElement("p");
    text.textContent = reasonOf(response);
    target.append(text);
    return;
  }
  const list = document.createElement("ol");
  list.className = "timeline";
  const order = response.json;
  list.append(...timeline(order));
  const emitted = order.processing_records.length;
  const result = document.createElement("p");
  result.className = emitted === 1 ? "good" : "bad";
  result.textContent = emitted === 1 ? "Emitted exactly once" : `Emitted ${emitted} times`;
  target.append(list, result);
  const found = await traces(id);
  if (title.isConnected) target.append(found);
}

function showAddress() {
  const match = location.hash.match(/^#\/order\/(.+)$/);
  const id = match ? decodeURIComponent(match[1]) : "";
  byId("order-id").value = id;
  showOrder(id).catch((error) => {
    // In the meantime, the user can have chosen another order.
    if (id === byId("order-id").value) byId("order").textContent = error.message;
  });
}

export function start() {
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const id = byId("order-id").value.trim();
    location.hash = id ? `#/order/${encodeURIComponent(id)}` : "";
  });
  addEventListener("hashchange", showAddress);
  subscribe(({ sample }) => sample && refresh());
  showAddress();
}
