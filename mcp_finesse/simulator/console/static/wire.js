/** The right part: what went over the wire, as a sequence diagram, with the XML of each row. */

import {h, replaceChildren, setOptions, svg} from "./dom.js";
import {store} from "./store.js";

/** @import {Entry} from "./types.js" */

const LANES = ["client", "rest", "cti", "events"];
/** @type {Record<string, [string, string]>} long and short names */
const LANE_NAMES = {
  client: ["Client", "Client"], rest: ["REST", "REST"], cti: ["CTI", "CTI"],
  events: ["Notification Service", "Notifications"],
};
/** Filters, and the rows that they show. @type {[string, string, (entry: Entry) => boolean, boolean][]} */
const FILTERS = [
  ["rest", "Requests", (entry) => ["request", "response"].includes(entry.kind), true],
  ["cti", "CTI", (entry) => ["command", "rejection", "change"].includes(entry.kind), true],
  ["events", "Events", (entry) => entry.kind === "event" && entry.target === "client", true],
  ["unheard", "Events without receiver", (entry) => entry.kind === "event" && entry.target !== "client", false],
  ["person", "Your actions", (entry) => ["person", "fault"].includes(entry.kind), true],
];
const ROW = 42;
const TIME_WIDTH = 58;
const measure = document.createElement("canvas").getContext("2d");
const MAX_ROWS = 250;
const NOTES = ["change", "person", "fault", "event"];

class Wire extends HTMLElement {
  connectedCallback() {
    this.shown = new Set(FILTERS.filter(([, , , on]) => on).map(([name]) => name));
    /** @type {Map<number, SVGGElement>} */
    this.rows = new Map();
    /** @type {Entry[]} */
    this.visible = [];
    this.paused = false;
    /** Whether the newest row stays visible while no row is selected. Scrolling up ends this, scrolling to the end starts it. */
    this.follows = true;
    this.clearedUpTo = 0;
    this.selected = 0;
    /** @type {number} */
    this.width = 0;

    this.agent = h("select", {"aria-label": "Agent", change: () => this.draw()});
    this.text = h("input", {type: "search", placeholder: "Search", "aria-label": "Search in the wire", input: () => this.draw()});
    this.pauseButton = h("button", {"aria-pressed": "false", click: () => this.pause()}, "Pause");
    this.heads = svg("svg", {class: "heads", "aria-hidden": "true", height: 30});
    this.diagram = svg("svg", {class: "diagram", role: "group", "aria-label": "Sequence diagram, oldest first"});
    this.diagram.addEventListener("keydown", (event) => this.move(event));
    this.hint = h("p", {class: "empty"}, "Nothing yet. Call a queue or sign an agent in.");
    this.scroller = h("div", {class: "scroller"}, this.heads, this.hint, this.diagram);
    this.scroller.addEventListener("scroll", () => {
      const {scrollHeight, scrollTop, clientHeight} = /** @type {HTMLElement} */ (this.scroller);
      if (clientHeight) this.follows = scrollHeight - scrollTop - clientHeight < 60;
    });
    this.drawer = h("section", {class: "drawer", "aria-label": "Details of the selected row", hidden: true});
    this.append(
      h("div", {class: "line"}, h("h2", {}, "On the wire"), h(
        "div",
        {class: "buttons"},
        this.pauseButton,
        h("button", {click: () => { this.clearedUpTo = store.wire.at(-1)?.id ?? 0; this.draw(); }}, "Clear"),
        h("button", {click: () => this.save()}, "Export"),
      )),
      h(
        "details",
        {open: matchMedia("(min-width: 1241px)").matches},
        h("summary", {}, "Filters"),
        h("div", {class: "filters", role: "group", "aria-label": "Rows to show"}, ...FILTERS.map(([name, label]) => this.filter(name, label)), this.agent, this.text),
      ),
      this.scroller,
      this.drawer,
    );
    this.heads.append(svg("title", {}, "Lanes"));
    store.addEventListener("wire", () => this.paused || this.schedule());
    store.addEventListener("change", () => {
      setOptions(/** @type {HTMLSelectElement} */ (this.agent), [
        ["", "All agents"],
        ...Object.values(store.state.agents).map(/** @returns {[string, string]} */ (agent) => [agent.id, `${agent.name} (${agent.id})`]),
      ]);
    });
    new ResizeObserver(() => {
      if (this.scroller?.clientWidth === this.width) this.rows?.get(this.selected ?? 0)?.scrollIntoView({block: "nearest"});
      if (this.scroller?.clientWidth !== this.width || !this.paused) this.schedule();
    }).observe(this.scroller);
  }

  /** @param {string} name @param {string} label */
  filter(name, label) {
    const box = h("input", {type: "checkbox", checked: this.shown?.has(name), change: () => {
      if (box.checked) this.shown?.add(name);
      else this.shown?.delete(name);
      this.draw();
    }});
    return h("label", {class: "chip"}, box, label);
  }

  pause() {
    this.paused = !this.paused;
    this.pauseButton?.setAttribute("aria-pressed", String(this.paused));
    if (this.pauseButton) this.pauseButton.textContent = this.paused ? "Continue" : "Pause";
    if (!this.paused) this.draw();
  }

  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    setTimeout(() => {
      this.scheduled = false;
      this.draw();
    }, 100);
  }

  /** The rows that the filters let through, oldest first. */
  filtered() {
    const agent = this.agent?.value ?? "";
    const text = (this.text?.value ?? "").toLowerCase();
    return store.wire.filter((entry) => entry.id > (this.clearedUpTo ?? 0)
      && FILTERS.some(([name, , fits]) => this.shown?.has(name) && fits(entry))
      && (!agent || entry.agent === agent || entry.xml.includes(`>${agent}<`))
      && (!text || `${entry.title} ${entry.detail} ${entry.request_id} ${entry.xml}`.toLowerCase().includes(text)));
  }

  draw() {
    const {scroller, diagram, heads, rows, hint} = this;
    if (!scroller || !diagram || !heads || !rows || !hint || !scroller.clientWidth) return;
    /** @type {boolean} */
    const resized = scroller.clientWidth !== this.width;
    if (resized) {
      this.width = scroller.clientWidth;
      rows.clear();
    }
    this.visible = this.filtered().slice(-MAX_ROWS);
    hint.hidden = this.visible.length > 0;
    const height = this.visible.length * ROW + 8;
    const used = new Set(this.visible.map((entry) => entry.id));
    for (const [id] of rows) if (!used.has(id)) rows.delete(id);
    const groups = this.visible.map((entry, index) => {
      const row = rows.get(entry.id) ?? this.row(entry);
      rows.set(entry.id, row);
      row.setAttribute("transform", `translate(0 ${index * ROW})`);
      return row;
    });
    const lanes = LANES.map((lane) => svg("line", {class: "lane", x1: this.x(lane), x2: this.x(lane), y1: 0, y2: height}));
    const focused = document.activeElement;
    diagram.setAttribute("width", String(this.width));
    diagram.setAttribute("height", String(height));
    diagram.replaceChildren(...lanes, ...groups);
    if (focused instanceof SVGElement && diagram.contains(focused)) focused.focus({preventScroll: true});
    heads.setAttribute("width", String(this.width));
    heads.replaceChildren(...LANES.map((lane, index) => svg(
      "text",
      {x: index === LANES.length - 1 ? this.width - 8 : this.x(lane), y: 19, "text-anchor": index === LANES.length - 1 ? "end" : "middle"},
      LANE_NAMES[lane][this.width < 560 ? 1 : 0],
    )));
    this.mark();
    if (resized && this.selected) rows.get(this.selected)?.scrollIntoView({block: "nearest"});
    else if (this.follows && !this.paused && !this.selected) scroller.scrollTop = scroller.scrollHeight;
  }

  /** The horizontal position of a lane. @param {string} lane */
  x(lane) {
    const first = TIME_WIDTH + 30;
    return first + (LANES.indexOf(lane) * (this.width - first - 44)) / (LANES.length - 1);
  }

  /** @param {Entry} entry */
  row(entry) {
    const note = entry.source === entry.target && NOTES.includes(entry.kind);
    const time = new Date(entry.at * 1000).toISOString().slice(14, 23);
    const sign = entry.failed ? "✕ " : entry.kind === "fault" ? "⚠ " : entry.kind === "person" ? "▸ " : "";
    const title = sign + entry.title;
    const lanes = `${LANE_NAMES[entry.source][0]}${note ? "" : ` to ${LANE_NAMES[entry.target][0]}`}`;
    return svg(
      "g",
      {
        class: `entry ${entry.kind}${entry.failed ? " failed" : ""}`, role: "button", tabindex: -1, "data-id": entry.id,
        click: () => this.select(entry),
      },
      svg("title", {}, `${time} ${entry.title} (${lanes}${entry.failed ? ", failed" : ""})`),
      svg("rect", {class: "hit", x: 0, y: 0, width: this.width, height: ROW}),
      svg("text", {class: "time", x: 6, y: 25}, time),
      ...(note ? this.note(entry, title) : this.arrow(entry, title)),
    );
  }

  /** @param {Entry} entry @param {string} title */
  note(entry, title) {
    const most = this.width - TIME_WIDTH - 24;
    const text = shorten(title, most - 16);
    const width = Math.min(most, textWidth(text) + 20);
    const x = Math.min(Math.max(this.x(entry.source) - width / 2, TIME_WIDTH + 6), this.width - width - 8);
    return [
      svg("rect", {class: "note", x, y: 8, width, height: 26, rx: 6}),
      svg("text", {class: "label", x: x + 9, y: 25}, text),
    ];
  }

  /** @param {Entry} entry @param {string} title */
  arrow(entry, title) {
    const [from, to] = [this.x(entry.source), this.x(entry.target)];
    const back = to < from;
    const left = Math.min(from, to);
    const toLeftSide = LANES.indexOf(entry.source) + LANES.indexOf(entry.target) < 4;
    const text = toLeftSide
      ? svg("text", {class: "label", x: left + 6, y: 17}, shorten(title, this.width - left - 12))
      : svg("text", {class: "label", x: this.width - 8, y: 17, "text-anchor": "end"}, shorten(title, this.width - TIME_WIDTH - 20));
    const tip = back ? to + 8 : to - 8;
    return [
      text,
      svg("line", {class: "arrow", x1: from, x2: to, y1: 28, y2: 28}),
      svg("path", {class: "tip", d: `M${tip} 23 L${to} 28 L${tip} 33`}),
      svg("circle", {class: "start", cx: from, cy: 28, r: 2.5}),
    ];
  }

  /** Mark the selected row and the rows with the same request id. */
  mark() {
    const chosen = store.wire.find((entry) => entry.id === this.selected);
    const stop = (this.visible?.some((entry) => entry.id === this.selected)) ? this.selected : this.visible?.at(-1)?.id;
    for (const entry of this.visible ?? []) {
      const row = this.rows?.get(entry.id);
      row?.classList.toggle("selected", entry.id === this.selected);
      row?.classList.toggle("related", Boolean(chosen?.request_id) && entry.request_id === chosen?.request_id);
      row?.setAttribute("tabindex", entry.id === stop ? "0" : "-1");
    }
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const rows = this.visible ?? [];
    const id = Number(document.activeElement?.getAttribute("data-id"));
    const at = rows.findIndex((entry) => entry.id === id);
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (rows[at]) this.select(rows[at]);
    } else if (event.key === "Escape") {
      this.close();
    } else if (event.key in STEPS && at >= 0) {
      event.preventDefault();
      const next = rows[Math.min(rows.length - 1, Math.max(0, at + STEPS[event.key]))];
      const row = this.rows?.get(next.id);
      row?.focus();
      row?.scrollIntoView({block: "nearest"});
      if (this.selected) this.select(next);
    }
  }

  /** @param {Entry} entry */
  select(entry) {
    this.selected = entry.id;
    this.mark();
    if (!this.drawer) return;
    const facts = [
      ["Time (UTC)", new Date(entry.at * 1000).toISOString().slice(11, 23)],
      ["Detail", entry.detail],
      ["Node", entry.node],
      ["Agent", entry.agent],
      ["Request id", entry.request_id],
    ].filter(([, value]) => value);
    replaceChildren(
      this.drawer,
      h("div", {class: "line"}, h("h3", {}, entry.title), h("button", {class: "quiet", "data-key": "close", click: () => this.close(), "aria-label": "Close the details"}, "✕")),
      h("dl", {}, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      entry.xml ? h("pre", {tabindex: 0, "aria-label": "XML"}, h("code", {}, indent(entry.xml))) : h("p", {class: "hint"}, "This row has no XML."),
    );
    this.drawer.hidden = false;
    this.rows?.get(entry.id)?.scrollIntoView({block: "nearest"});
  }

  close() {
    const row = this.rows?.get(this.selected ?? 0);
    this.selected = 0;
    if (this.drawer) this.drawer.hidden = true;
    this.mark();
    row?.focus();
  }

  /** Save the rows that are shown as a text file. */
  save() {
    const text = this.filtered().map(asText).join("\n");
    const url = URL.createObjectURL(new Blob([text], {type: "text/plain"}));
    h("a", {href: url, download: "wire.txt"}).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
}

/** @type {Record<string, number>} */
const STEPS = {ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -1e6, End: 1e6};

/** @param {Entry} entry */
export function asText(entry) {
  const [source, target] = [LANE_NAMES[entry.source][0], LANE_NAMES[entry.target][0]];
  const lines = [
    `${new Date(entry.at * 1000).toISOString()} ${source}${source === target ? "" : ` -> ${target}`}: ${entry.title}`,
    entry.detail && `  ${entry.detail}`,
    entry.request_id && `  request id: ${entry.request_id}`,
    entry.node && `  node: ${entry.node}`,
    entry.xml && indent(entry.xml).split("\n").map((line) => `  ${line}`).join("\n"),
  ];
  return `${lines.filter(Boolean).join("\n")}\n`;
}

/**
 * @param {string} text
 * @param {number} width in pixels
 */
function shorten(text, width) {
  let most = text.length;
  while (most > 4 && textWidth(text.slice(0, most)) > width) most -= 1;
  return most < text.length ? `${text.slice(0, most - 1)}…` : text;
}

/** @param {string} text */
function textWidth(text) {
  if (!measure) return text.length * 7;
  measure.font = `11.5px ${getComputedStyle(document.body).fontFamily}`;
  return measure.measureText(text).width;
}

/**
 * Break XML into indented lines. Elements that contain only text stay on one line.
 * @param {string} xml
 */
export function indent(xml) {
  let depth = 0;
  const lines = [];
  const parts = xml.match(/<[^>]*>|[^<]+/g) ?? [];
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at];
    if (part.startsWith("</")) {
      depth = Math.max(0, depth - 1);
      lines.push("  ".repeat(depth) + part);
    } else if (part.startsWith("<") && !part.endsWith("/>") && !part.startsWith("<?")) {
      const [text, end] = [parts[at + 1] ?? "", parts[at + 2] ?? ""];
      if (!text.startsWith("<") && end.startsWith("</")) {
        lines.push("  ".repeat(depth) + part + text + end);
        at += 2;
      } else if (text.startsWith("</")) {
        lines.push("  ".repeat(depth) + part + text);
        at += 1;
      } else {
        lines.push("  ".repeat(depth) + part);
        depth += 1;
      }
    } else if (part.trim()) {
      lines.push("  ".repeat(depth) + part.trim());
    }
  }
  return lines.join("\n");
}

customElements.define("console-wire", Wire);
