// What the buttons do. Each action reports its result as an event of this page.

import { forward, isOk, reasonOf, state } from "./store.js";

const number = new Intl.NumberFormat("en");
const MAX_PARALLEL = 20;

export function order() {
  const quantity = 1 + Math.floor(Math.random() * 5);
  const cents = 100 + Math.floor(Math.random() * 9900);
  return {
    customer_id: `customer-${1 + Math.floor(Math.random() * 500)}`,
    items: [{ name: "Widget", quantity, price: cents / 100 }],
    total_amount: (cents * quantity) / 100,
  };
}

/** @throws {Error} with the reason of the service */
function required(response) {
  if (!isOk(response)) throw new Error(reasonOf(response));
  return response;
}

export const send = (body) => forward("producer", "POST", "/orders", body);

export async function one() {
  const { json } = required(await send(order()));
  return { text: `Order ${json.order_id} accepted in ${Math.round(json.latency_ms)} ms`, json };
}

export async function burst() {
  const started = performance.now();
  const sent = await Promise.all(Array.from({ length: 100 }, () => send(order())));
  const accepted = sent.filter(isOk).length;
  const failed = sent.find((response) => !isOk(response));
  if (failed) throw new Error(`${accepted} of 100 orders were acknowledged; then: ${reasonOf(failed)}`);
  return { text: `100 orders acknowledged in ${((performance.now() - started) / 1000).toFixed(2)} s` };
}

export async function duplicate() {
  const { json } = required(await forward("producer", "POST", "/simulate/duplicate", order()));
  return { text: "The same order was sent three times", json };
}

export async function crash() {
  const { json } = required(await forward("consumer", "POST", "/simulate/crash"));
  return { text: "The stream crashes now", json };
}

export async function control(name, action) {
  const { json } = required(await forward("api", "POST", `/components/${name}/${action}`, undefined, 180000));
  return { text: json.output || `${name}: ${action}`, json };
}

/** @param wait seconds until which the audit waits for orders in flight */
export async function audit(wait = 0) {
  return required(await forward("api", "GET", `/audit?wait=${wait}`, undefined, 600000)).json;
}

/** The newest audit of each mode, which another page can have started; empty if it cannot be read. */
export async function verdicts() {
  const response = await forward("api", "GET", "/verdicts");
  return isOk(response) ? response.json.verdicts : [];
}

export async function reset() {
  const { json } = required(await forward("api", "POST", "/reset", undefined, 180000));
  return { text: `${number.format(json.removed.orders)} orders deleted in ${number.format(json.elapsed_ms)} ms`, json };
}

export const presets = {
  "exactly-once": { processing_mode: "exactly-once", enable_idempotency: true },
  "at-least-once": { processing_mode: "at-least-once", enable_idempotency: false },
  "exactly-once-without": { processing_mode: "exactly-once", enable_idempotency: false },
  unsafe: { processing_mode: "at-least-once", enable_idempotency: true },
};

/** The name of the preset that the stream runs; null if it is unknown. */
export function currentPreset() {
  const settings = state.sample?.settings;
  if (!settings?.processing_mode) return null;
  return Object.keys(presets).find(
    (name) =>
      presets[name].processing_mode === settings.processing_mode &&
      presets[name].enable_idempotency === settings.enable_idempotency,
  );
}

export async function apply(preset) {
  const { json } = required(await forward("consumer", "POST", "/config", presets[preset], 90000));
  return { text: `The stream runs ${preset}`, json };
}

/** Sends orders at a constant rate. Counts the requests and their outcomes. */
export class Load {
  constructor(perSecond, twicePercent) {
    Object.assign(this, { perSecond, twicePercent, sent: 0, acknowledged: 0, indeterminate: 0, rejected: 0 });
    this.pending = 0;
  }

  start() {
    this.next = performance.now();
    this.timer = setInterval(() => this.#tick(), 50);
    return this;
  }

  #tick() {
    while (performance.now() >= this.next && this.pending < MAX_PARALLEL) {
      this.next = Math.max(this.next + 1000 / this.perSecond, performance.now() - 1000);
      const body = { ...order(), order_id: crypto.randomUUID() };
      this.#send(body);
      if (Math.random() * 100 < this.twicePercent) this.#send(body);
    }
  }

  async #send(body) {
    this.sent++;
    this.pending++;
    try {
      const response = await send(body);
      if (isOk(response)) this.acknowledged++;
      else if (response.status >= 400 && response.status < 500) this.rejected++;
      else this.indeterminate++;
    } catch {
      this.indeterminate++;
    } finally {
      this.pending--;
    }
  }

  /** Returns after the last response. */
  async stop() {
    clearInterval(this.timer);
    while (this.pending > 0) await new Promise((done) => setTimeout(done, 50));
  }
}
