// What the user can do with a component: start, kill, freeze, thaw, restart failed tasks, read the log.

import * as actions from "./actions.js";
import { component, forward, isOk, isStale, reasonOf, state, subscribe } from "./store.js";

const byId = (id) => document.getElementById(id);
const CONFIRM_MS = 4000;

let shown = null;
let run = null;

/** A click on a dangerous button asks, and a second click confirms. */
function actionButton({ label, question, action }) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  if (question) button.className = "danger";
  let asked = !question;
  const reset = () => {
    asked = !question;
    button.textContent = label;
  };
  button.addEventListener("click", () => {
    if (asked) {
      reset();
      run(button, action);
      return;
    }
    asked = true;
    button.textContent = question;
    setTimeout(reset, CONFIRM_MS);
  });
  button.addEventListener("blur", reset);
  return button;
}

async function showLog(name) {
  const response = await forward("api", "GET", `/components/${name}/log?lines=40`);
  if (shown !== name) return;
  const log = byId("component-log");
  log.textContent = isOk(response) ? response.json.log : reasonOf(response);
  log.hidden = false;
  log.scrollTop = log.scrollHeight;
}

function actionsOf(name, running) {
  const control = (action) => () => actions.control(name, action);
  const found = [];
  if (name === "consumer" && running) found.push({ label: "Crash", question: "Really crash?", action: actions.crash });
  if (name === "connect" && running) found.push({ label: "Restart failed tasks", action: control("restart") });
  if (!state.control) return found;
  if (name !== "api" && running) {
    found.push({ label: "Kill", question: "Really kill -9?", action: control("kill") });
    found.push({ label: "Freeze", question: "Really freeze?", action: control("freeze") });
    found.push({ label: "Thaw", action: control("thaw") });
  }
  if (name !== "api" && !running) found.push({ label: "Start", action: control("start") });
  found.push({ label: "Last log lines", action: () => showLog(name) });
  return found;
}

function update() {
  const status = shown && component(shown);
  if (!status || !byId("component").open) return;
  byId("component-title").textContent = shown;
  byId("component-state").textContent = isStale()
    ? "unknown: no sample has arrived for some seconds"
    : (status.reason ?? (status.running ? "ok" : "not running"));
  const command = byId("component-command");
  command.hidden = status.running || state.control;
  command.textContent = `${state.startCommand} ${shown}`;
  const key = `${shown} ${status.running} ${state.control}`;
  const target = byId("component-actions");
  if (target.dataset.key === key) return;
  target.dataset.key = key;
  target.replaceChildren(...actionsOf(shown, status.running).map(actionButton));
}

function open(node) {
  if (!node) return;
  shown = node.id.replace("node-", "");
  byId("component-log").hidden = true;
  byId("component-actions").dataset.key = "";
  byId("component").showModal();
  update();
}

/** Starts a component unless it is running. */
export async function startComponent(name) {
  if (component(name)?.running) throw new Error(`${name} is already running`);
  if (!state.control) throw new Error(`run ${state.startCommand} ${name}`);
  return actions.control(name, "start");
}

/** @param runAction runs the action of a button and reports its result */
export function start(runAction) {
  run = runAction;
  byId("flow").addEventListener("click", ({ target }) => open(target.closest(".component")));
  byId("flow").addEventListener("keydown", (event) => {
    const node = event.target.closest(".component");
    if (node && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      open(node);
    }
  });
  subscribe(update);
}
