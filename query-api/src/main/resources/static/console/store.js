// Receives the samples of this service and keeps them. The other modules subscribe.

export const state = {
  sample: null,
  points: [],
  events: [],
  receivedAt: 0,
  /** Why the samples cannot be received; null if they can. */
  problem: null,
  /** Whether this service can start and kill components, and the command with which the user does it. */
  control: false,
  startCommand: "./lab start",
};

const MAX_POINTS = 15 * 60;
const MAX_EVENTS = 200;
/** A sample arrives each second. */
const STALE_AFTER_MS = 3000;
const RETRY_MS = 5000;
/** A source is read each second. A read ends after at most 2 s, unless the broker does not answer. */
const OLD_SECONDS = 5;

const subscribers = [];

/** @param {(change: {sample: boolean}) => void} listener called after each sample, and each second */
export function subscribe(listener) {
  subscribers.push(listener);
}

function publish(change) {
  for (const listener of subscribers) listener(change);
}

/** The milliseconds since the last sample. */
export const silence = () => (state.receivedAt === 0 ? Infinity : performance.now() - state.receivedAt);
export const isStale = () => silence() > STALE_AFTER_MS;

export const component = (name) => state.sample?.components.find((candidate) => candidate.name === name);

/** The seconds since a source was read, as of now; Infinity if it was never read. */
export function ageOf(source) {
  const found = state.sample?.sources.find((candidate) => candidate.name === source);
  if (!found?.read_at) return Infinity;
  return (Date.parse(state.sample.at) - Date.parse(found.read_at) + silence()) / 1000;
}

/** Whether the figures of a source are too old to be shown as current. */
export const isOld = (source) => isStale() || ageOf(source) > OLD_SECONDS;

function accept(sample) {
  state.sample = sample;
  state.receivedAt = performance.now();
}

const handlers = {
  snapshot(page) {
    const last = state.points.at(-1);
    const newer = last ? page.points.filter((point) => Date.parse(point.at) > Date.parse(last.at)) : page.points;
    state.points = [...state.points, ...newer].slice(-MAX_POINTS);
    state.events = page.events;
    state.control = page.control;
    state.startCommand = page.start_command;
    accept(page.sample);
  },
  change(update) {
    state.points = [...state.points, update.sample.point].slice(-MAX_POINTS);
    state.events = [...state.events, ...update.events].slice(-MAX_EVENTS);
    accept(update.sample);
  },
};

function handle(event) {
  const fields = Object.fromEntries(event.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
  handlers[fields.event]?.(JSON.parse(fields.data));
  publish({ sample: true });
}

const authorization = () => {
  const token = sessionStorage.getItem("token");
  return token ? { Authorization: `Bearer ${token}` } : {};
};

/** Not an EventSource, which cannot send the admin token. */
async function receive() {
  const headers = { ...authorization(), Accept: "text/event-stream" };
  if (state.sample) headers["Last-Event-ID"] = state.sample.id;
  const response = await fetch("events", { headers, cache: "no-store" });
  state.problem = response.ok ? null : response.status === 401 ? "requires the admin token" : `status ${response.status}`;
  if (!response.ok) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const events = (text + part.value).split("\n\n");
    text = events.pop();
    events.forEach(handle);
  }
}

async function receiveForever() {
  while (true) {
    try {
      await receive();
    } catch {
      // The service is down or was restarted. The page shows the age of the last sample.
    }
    publish({ sample: false });
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
}

export function start() {
  receiveForever();
  setInterval(() => publish({ sample: false }), 1000);
}

/**
 * Calls this service. A response of another component is data: it never becomes a failed request of the browser.
 *
 * @param body an object, or JSON text
 * @returns {Promise<{status: number, json: any, text: string}>}
 */
export async function call(path, { method = "GET", body, timeout = 15000 } = {}) {
  const headers = authorization();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(path, {
    method,
    headers,
    body: typeof body === "object" ? JSON.stringify(body) : body,
    signal: AbortSignal.timeout(timeout),
  });
  return parse(response.status, await response.text());
}

function parse(status, text) {
  try {
    return { status, text, json: JSON.parse(text) };
  } catch {
    return { status, text, json: null };
  }
}

/** Sends a request to the ingest API or the stream through this service. */
export async function forward(service, method, path, body, timeout = 60000) {
  const envelope = await call(`console/${service}${path}`, { method, body, timeout });
  if (envelope.status !== 200) return envelope;
  return parse(envelope.json.status, envelope.json.body);
}

export const isOk = (response) => response.status >= 200 && response.status < 300;
export const reasonOf = (response) => response.json?.detail ?? response.text ?? `status ${response.status}`;
