// Three plots on one time axis. Vertical lines mark events.

import uPlot from "../webjars/uplot/1.6.30/dist/uPlot.esm.js";
import { state, subscribe } from "./store.js";

const colorProbe = document.createElement("span");

/** The color of a variable in the current color scheme. A canvas does not know light-dark(). */
function css(name) {
  colorProbe.style.color = `var(${name})`;
  return getComputedStyle(colorProbe).color;
}

const WINDOW_SECONDS = 15 * 60;
const HEIGHT = 130;

const definitions = [
  {
    title: "records per second",
    series: [
      { label: "acknowledged", color: "--accent", value: (point) => point.in },
      { label: "processed", color: "--warn", value: (point) => point.through },
      { label: "stored", color: "--good", value: (point) => point.out },
    ],
  },
  {
    title: "from acceptance to row, ms",
    series: [
      { label: "p50", color: "--accent", value: (point) => point.p50_ms },
      { label: "p99", color: "--bad", value: (point) => point.p99_ms },
    ],
  },
  { title: "records waiting", series: [{ label: "waiting", color: "--warn", value: (point) => point.waiting }] },
];

const colors = { failed: "--bad", affected: "--warn", ok: "--good", mode: "--accent", reset: "--quiet" };

function drawEvents(plot) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = Math.max(1, devicePixelRatio);
  for (const event of state.events) {
    if (event.kind === "affected") continue;
    const x = Math.round(plot.valToPos(Date.parse(event.at) / 1000, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = css(colors[event.kind]);
    ctx.setLineDash(event.kind === "failed" ? [] : [4, 4]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

const axis = () => ({ stroke: css("--quiet"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line") } });

function options({ title, series }, width) {
  return {
    title,
    width,
    height: HEIGHT,
    cursor: { sync: { key: "onlyonce" }, drag: { x: false, y: false } },
    legend: { live: true },
    scales: { y: { range: (_, min, max) => [0, Math.max(1, max ?? 1) * 1.05] } },
    axes: [axis(), { ...axis(), size: 56 }],
    series: [
      {},
      ...series.map(({ label, color }) => ({
        label,
        stroke: css(color),
        width: 1.5,
        points: { show: false },
        value: (_, value) => (value === null || value === undefined ? "–" : String(Math.round(value))),
      })),
    ],
    hooks: { draw: [drawEvents] },
  };
}

function data({ series }) {
  const times = state.points.map((point) => Date.parse(point.at) / 1000);
  return [times, ...series.map(({ value }) => state.points.map((point) => value(point) ?? null))];
}

let plots = [];

function create() {
  const container = document.getElementById("plots");
  for (const plot of plots) plot.destroy();
  container.replaceChildren();
  plots = definitions.map((definition) => {
    const host = document.createElement("figure");
    container.append(host);
    return new uPlot(options(definition, host.clientWidth || 300), data(definition), host);
  });
}

function update() {
  if (document.hidden) return;
  const now = state.points.length ? Date.parse(state.points.at(-1).at) / 1000 : Date.now() / 1000;
  plots.forEach((plot, i) => {
    plot.setData(data(definitions[i]), false);
    plot.setScale("x", { min: now - WINDOW_SECONDS, max: now });
  });
}

export function start() {
  colorProbe.hidden = true;
  document.body.append(colorProbe);
  create();
  subscribe(({ sample }) => sample && update());
  new ResizeObserver(() => {
    plots.forEach((plot) => plot.setSize({ width: plot.root.parentElement.clientWidth, height: HEIGHT }));
  }).observe(document.getElementById("plots"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    create();
    update();
  });
}
