/** Starts the console: the header, the tabs of small screens, messages and timers. */

import "./desk.js";
import "./floor.js";
import "./wire.js";
import {duration, h, replaceChildren} from "./dom.js";
import {store} from "./store.js";

/** @import {FinesseNode} from "./types.js" */

const MESSAGE_SECONDS = 8;

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`there is no element ${id}`);
  return found;
}

/** @param {FinesseNode} node */
function nodeChip(node) {
  const [text, tone] = !node.running ? ["crashed", "bad"] : node.in_service ? ["in service", "good"] : [`out of service: ${node.reason}`, "bad"];
  return h(
    "span",
    {class: `node ${tone}`, title: node.url},
    h("span", {class: "mark", "aria-hidden": "true"}, tone === "good" ? "✓" : "✕"),
    h("strong", {}, node.domain),
    ` ${text}`,
  );
}

store.addEventListener("change", () => {
  const silent = store.state.system.system?.cti === "silent";
  replaceChildren(
    element("nodes"),
    ...Object.values(store.state.nodes).map(nodeChip),
    ...(silent ? [h("span", {class: "node bad"}, h("span", {class: "mark", "aria-hidden": "true"}, "✕"), "CTI lost, not noticed yet")] : []),
  );
  showTimes();
});

store.addEventListener("status", () => {
  const status = element("connection");
  status.textContent = store.statusText;
  status.className = `connection ${store.status}`;
  document.body.classList.toggle("stale", store.status !== "connected");
});

store.addEventListener("message", (event) => {
  const {text, failed} = /** @type {CustomEvent<{text: string, failed: boolean}>} */ (event).detail;
  const close = () => message.remove();
  const message = h(
    "div",
    {class: failed ? "message bad" : "message"},
    h("span", {}, text),
    h("button", {class: "quiet", click: close, "aria-label": "Close this message"}, "✕"),
  );
  element("messages").append(message);
  setTimeout(close, MESSAGE_SECONDS * 1000);
});

function showTimes() {
  for (const time of document.querySelectorAll("time[data-since]")) {
    time.textContent = duration(store.now() - Number(time.getAttribute("data-since")));
  }
}
setInterval(showTimes, 1000);

// The tabs of small screens. On large screens all parts are visible, and CSS hides the tabs.

const tabs = ["desk", "floor", "wire"];

/** @param {string} chosen */
function selectTab(chosen) {
  for (const name of tabs) {
    const tab = element(`tab-${name}`);
    tab.setAttribute("aria-selected", String(name === chosen));
    tab.tabIndex = name === chosen ? 0 : -1;
    element(name).classList.toggle("selected", name === chosen);
  }
}

for (const [index, name] of tabs.entries()) {
  const tab = element(`tab-${name}`);
  tab.addEventListener("click", () => selectTab(name));
  tab.addEventListener("keydown", (event) => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!step) return;
    const next = tabs[(index + step + tabs.length) % tabs.length];
    selectTab(next);
    element(`tab-${next}`).focus();
  });
}

store.listen();
