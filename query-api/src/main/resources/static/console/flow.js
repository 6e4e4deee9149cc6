// The pipeline as a drawing: components with their health, topics with the records that wait.

import { ageOf, component, isOld, isStale, state, subscribe } from "./store.js";

const svg = document.getElementById("pipeline");
const number = new Intl.NumberFormat("en");

/** x, y: center. A component has a name of the sample, a topic has a step of `flow`. */
const nodes = {
  client: { x: 68, y: 90, label: "client" },
  producer: { x: 226, y: 90, component: "producer", label: "ingest API" },
  orders: { x: 400, y: 90, topic: "orders", label: "orders" },
  consumer: { x: 580, y: 90, component: "consumer", label: "stream + store" },
  processed: { x: 760, y: 90, topic: "processed", label: "orders.processed" },
  connect: { x: 940, y: 90, component: "connect", label: "Connect" },
  postgres: { x: 1110, y: 90, component: "postgres", label: "PostgreSQL" },
  kafka: { x: 400, y: 225, component: "kafka", label: "Kafka" },
  duplicates: { x: 760, y: 225, topic: "duplicates", label: "orders.duplicates" },
  api: { x: 1110, y: 225, component: "api", label: "query API" },
};

const edges = [
  { from: "client", to: "producer", rate: (point) => point.in },
  { from: "producer", to: "orders", rate: (point) => point.in },
  { from: "orders", to: "consumer", rate: (point) => point.through },
  { from: "consumer", to: "processed", rate: (point) => point.through },
  { from: "processed", to: "connect", rate: (point) => point.out },
  { from: "connect", to: "postgres", rate: (point) => point.out },
  { from: "consumer", to: "duplicates", rate: () => null },
  { from: "duplicates", to: "connect", rate: () => null },
  { from: "postgres", to: "api", rate: () => null },
];

const symbols = { ok: "✓", affected: "!", failed: "✕", stale: "?" };
const WIDTH = 132;
const HEIGHT = 76;

function create(name, attributes = {}, text) {
  const element = document.createElementNS(svg.namespaceURI, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

const texts = new Map();
const groups = new Map();
const dots = [];

function drawNode(id, node) {
  const group = create("g", { class: node.component ? "node component" : node.topic ? "node topic" : "node", id: `node-${id}` });
  if (node.component) {
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "button");
  }
  const left = node.x - WIDTH / 2;
  const top = node.y - HEIGHT / 2;
  group.append(create("rect", { x: left, y: top, width: WIDTH, height: HEIGHT, rx: node.topic ? 2 : 10 }));
  group.append(create("title"));
  group.append(create("text", { x: node.x, y: top + 22, class: "name" }, node.label));
  const first = create("text", { x: node.x, y: top + 43, class: "first" });
  const second = create("text", { x: node.x, y: top + 62, class: "second" });
  group.append(first, second);
  if (node.topic) {
    group.append(create("rect", { x: left + 10, y: top + HEIGHT - 8, width: 0, height: 4, class: "bar-waiting" }));
    group.append(create("rect", { x: left + 10, y: top + HEIGHT - 8, width: 0, height: 4, class: "bar-open" }));
  }
  texts.set(id, { first, second });
  groups.set(id, group);
  svg.append(group);
}

function drawEdge({ from, to, rate }) {
  const a = nodes[from];
  const b = nodes[to];
  const path =
    a.y === b.y
      ? `M${a.x + WIDTH / 2} ${a.y} L${b.x - WIDTH / 2} ${b.y}`
      : a.x === b.x
        ? `M${a.x} ${a.y + HEIGHT / 2} L${b.x} ${b.y - HEIGHT / 2}`
        : a.y < b.y
          ? `M${a.x} ${a.y + HEIGHT / 2} C${a.x} ${b.y} ${a.x} ${b.y} ${b.x - WIDTH / 2} ${b.y}`
          : `M${a.x + WIDTH / 2} ${a.y} C${b.x} ${a.y} ${b.x} ${a.y} ${b.x} ${b.y + HEIGHT / 2}`;
  const line = create("path", { d: path, class: "edge" });
  const flowing = create("path", { d: path, class: "flowing" });
  svg.append(line, flowing);
  dots.push({ flowing, rate });
}

function draw() {
  edges.forEach(drawEdge);
  for (const [id, node] of Object.entries(nodes)) drawNode(id, node);
}

function show(id, state_, first, second, title) {
  const group = groups.get(id);
  group.dataset.state = state_;
  group.querySelector("title").textContent = title;
  group.setAttribute("aria-label", `${nodes[id].label}: ${first} ${second}`.trim());
  texts.get(id).first.textContent = first;
  texts.get(id).second.textContent = second;
}

const age = (seconds) => (seconds === Infinity ? "never read" : `${Math.round(seconds)} s old`);

function showComponent(id, node) {
  const status = component(node.component);
  if (!status || isStale()) {
    show(id, "stale", `${symbols.stale} unknown`, "", "No sample has arrived for some seconds");
    return;
  }
  const seconds = Math.round((Date.parse(state.sample.at) - Date.parse(status.since)) / 1000);
  const second = status.state === "ok" ? "" : status.running ? `for ${seconds} s` : `${state.startCommand} ${id}`;
  show(id, status.state, `${symbols[status.state]} ${status.running ? status.state : "not running"}`, second, status.reason ?? status.state);
}

function showTopic(id, node) {
  const step = state.sample?.flow?.[node.topic];
  const seconds = ageOf("kafka");
  const stale = isOld("kafka");
  const group = groups.get(id);
  if (!step) {
    show(id, "stale", "–", age(seconds), "The lag was not read yet");
    return;
  }
  show(
    id,
    stale ? "stale" : step.waiting + step.open > 0 ? "waiting" : "ok",
    `${number.format(step.waiting)} waiting`,
    stale ? age(seconds) : step.open > 0 ? `${number.format(step.open)} in transactions` : "",
    `${step.waiting} records wait, ${step.open} are in open transactions. As offsets, with transaction markers: ${step.offsets}`,
  );
  const full = WIDTH - 20;
  const part = (records) => (records === 0 ? 0 : Math.min(full, 6 + 14 * Math.log10(records)));
  const waiting = part(step.waiting);
  group.querySelector(".bar-waiting").setAttribute("width", waiting);
  const open = group.querySelector(".bar-open");
  open.setAttribute("x", nodes[id].x - WIDTH / 2 + 10 + waiting);
  open.setAttribute("width", Math.min(full - waiting, part(step.open)));
}

function showClient() {
  const rate = state.points.at(-1)?.in;
  show("client", "plain", rate === null || rate === undefined ? "–" : `${number.format(Math.round(rate))}/s`, "", "Acknowledged records per second");
}

function animate() {
  const point = state.points.at(-1);
  for (const { flowing, rate } of dots) {
    const value = point && !isStale() ? rate(point) : null;
    flowing.classList.toggle("moving", value > 0);
    // One length of the dashes takes between 4 s (one record per second) and 0.6 s (thousands).
    if (value > 0) flowing.style.setProperty("--duration", `${Math.max(0.6, 4 / (1 + Math.log10(1 + value))).toFixed(2)}s`);
  }
}

function showWaiting() {
  const flow = state.sample?.flow;
  const text = document.getElementById("waiting");
  if (!flow) {
    text.textContent = "";
    return;
  }
  const waiting = flow.orders.waiting + flow.orders.open;
  const seconds = ageOf("kafka");
  const old = isOld("kafka");
  text.dataset.state = old ? "stale" : waiting > 0 ? "waiting" : "ok";
  text.textContent = old
    ? `${number.format(waiting)} orders waited when Kafka was last read, ${Math.round(seconds)} s ago`
    : waiting === 1
      ? "1 order waiting"
      : `${number.format(waiting)} orders waiting`;
  text.title = `Lag in offsets, which include transaction markers: ${flow.orders.offsets}`;
}

function update() {
  for (const [id, node] of Object.entries(nodes)) {
    if (node.component) showComponent(id, node);
    else if (node.topic) showTopic(id, node);
  }
  showClient();
  showWaiting();
  animate();
}

export function start() {
  draw();
  update();
  subscribe(update);
}
