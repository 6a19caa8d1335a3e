/** The center: the agents by team, with their calls and what they can do. */

import {Memo, ask, h, replaceChildren, timer} from "./dom.js";
import {badge, labelOf, toneOf} from "./states.js";
import {store} from "./store.js";

/** @import {Agent, Call, Participant, Task} from "./types.js" */

/** Labels of the actions on a call, in the order of the buttons. @type {Record<string, string>} */
const CALL_ACTIONS = {
  ANSWER: "Answer", ACCEPT: "Accept", REJECT: "Skip", CLOSE: "Close contact", RETRIEVE: "Resume", HOLD: "Hold",
  TRANSFER: "Complete transfer", CONFERENCE: "Conference", CONSULT_CALL: "Consult…", TRANSFER_SST: "Transfer…",
  SEND_DTMF: "Press keys…", BARGE_CALL: "Barge in", DROP: "Hang up",
};
/** @type {Record<string, string>} */
const TASK_ACTIONS = {
  ACCEPT: "Accept", START: "Start", PAUSE: "Pause", RESUME: "Resume", WRAP_UP: "Wrap up", TRANSFER: "Transfer…",
  CLOSE: "Close",
};
const MAIN = ["ANSWER", "ACCEPT", "RETRIEVE", "START", "RESUME"];

class Floor extends HTMLElement {
  #cards = new Memo();
  #teams = new Memo();

  connectedCallback() {
    store.addEventListener("change", () => this.render());
  }

  render() {
    const {teams, agents} = store.state;
    const sections = Object.values(teams).map((team) => {
      const members = Object.values(agents).filter((agent) => agent.team === team.id);
      const section = this.#teams.element(team.id, team, () => h(
        "section",
        {class: "team"},
        h("div", {class: "line"}, h("h2", {}, `Team ${team.name}`), h("p", {class: "hint"})),
        h("div", {class: "cards"}),
        h("div", {class: "cards absent"}),
      ));
      const [head, present, absent] = section.children;
      head.children[1].textContent = summary(members);
      replaceChildren(present, ...members.filter((agent) => agent.state !== "LOGOUT").map((agent) => this.card(agent)));
      replaceChildren(absent, ...members.filter((agent) => agent.state === "LOGOUT").map((agent) => this.card(agent)));
      return section;
    });
    replaceChildren(this, ...sections);
  }

  /** @param {Agent} agent */
  card(agent) {
    const {calls, tasks, options} = store.state;
    const shown = [agent, agent.calls.map((id) => calls[id]), agent.tasks.map((number) => tasks[number]), watchable(agent), options];
    return this.#cards.element(agent.id, shown, () => agentCard(agent));
  }
}

/** @param {Agent[]} members */
function summary(members) {
  const counts = new Map();
  for (const agent of members) {
    const label = labelOf(agent.state).toLowerCase();
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts].map(([label, number]) => `${number} ${label}`).join(" · ");
}

/** @param {Agent} agent */
function agentCard(agent) {
  const {calls, tasks} = store.state;
  const stream = agent.frozen ? "connection frozen" : agent.streams ? "client connected" : "";
  const role = agent.supervises.length ? "supervisor" : "agent";
  return h(
    "article",
    {class: `card agent ${toneOf(agent.state)}`, "aria-label": `${agent.name}, ${labelOf(agent.state)}`},
    h("div", {class: "line"}, h("h3", {}, agent.name), agent.state === "LOGOUT" ? null : timer(agent.since)),
    h(
      "p",
      {class: "hint"},
      `${role} ${agent.id} · ext. ${agent.extension || agent.usual_extension}`,
      stream && h("span", {class: agent.frozen ? "stream frozen" : "stream"}, stream),
    ),
    h("div", {class: "line states"}, badge(agent.state, agent.reason), agent.pending && h("span", {class: "hint"}, `then ${labelOf(agent.pending).toLowerCase()}`)),
    ...agent.calls.map((id) => calls[id]).filter(Boolean).map((call) => callBox(agent, call)),
    ...agent.tasks.map((number) => tasks[number]).filter(Boolean).map((task) => taskBox(agent, task)),
    h("div", {class: "buttons"}, ...stateButtons(agent), more(agent)),
  );
}

/**
 * @param {Agent} agent
 * @param {string} name
 * @param {string} label
 * @param {() => unknown} click
 * @param {string} [kind]
 */
function button(agent, name, label, click, kind = "") {
  return h("button", {class: kind, "data-key": `${agent.id}-${name}`, click}, label);
}

/** @param {Agent} agent */
function stateButtons(agent) {
  const {id, state} = agent;
  if (state === "LOGOUT") return [button(agent, "sign-in", "Sign in", () => store.act("agent/sign-in", {agent: id}), "main")];
  const buttons = [];
  const talking = ["TALKING", "HOLD"].includes(state);
  if (!["READY", "RESERVED"].includes(state)) {
    const label = talking ? "Ready afterwards" : "Ready";
    buttons.push(button(agent, "ready", label, () => store.act("agent/state", {agent: id, state: "READY"}), talking ? "" : "main"));
  }
  if (state !== "RESERVED" && (state !== "NOT_READY" || agent.reason === "")) {
    const label = talking ? "Not ready afterwards…" : state === "NOT_READY" ? "Reason…" : "Not ready…";
    buttons.push(button(agent, "not-ready", label, () => changeState(agent, "NOT_READY", "Not ready")));
  }
  if (state === "NOT_READY") buttons.push(button(agent, "sign-out", "Sign out…", () => changeState(agent, "LOGOUT", "Sign out")));
  return buttons;
}

/**
 * @param {Agent} agent
 * @param {string} state
 * @param {string} label
 */
async function changeState(agent, state, label) {
  const reasons = (store.state.options.options?.reasons ?? []).filter((reason) => reason.category === state);
  /** @type {[string, string][]} */
  const options = reasons.map((reason) => [reason.id, reason.label]);
  const fields = options.length ? [{name: "reason", label: "Reason", options}] : [];
  const values = fields.length ? await ask(`${label}: ${agent.name}`, fields, label) : {};
  if (values) store.act("agent/state", {agent: agent.id, state, ...values});
}

/**
 * The extensions and names of the agents whose calls a supervisor can monitor now.
 * @param {Agent} agent
 * @returns {[string, string][]}
 */
function watchable(agent) {
  if (agent.state !== "NOT_READY") return [];
  return Object.values(store.state.agents)
    .filter((each) => agent.supervises.includes(each.team) && each.state === "TALKING")
    .map((each) => [each.extension, each.name]);
}

/** Less frequent actions. @param {Agent} agent */
function more(agent) {
  const items = [];
  if (agent.state !== "LOGOUT") {
    items.push(button(agent, "call", "Call a number…", async () => {
      const values = await ask(`Call from ${agent.name}`, [{name: "to", label: "Extension or number"}], "Call");
      if (values) store.act("agent/call", {agent: agent.id, ...values});
    }));
  }
  const options = watchable(agent);
  if (options.length) {
    items.push(button(agent, "monitor", "Monitor a call…", async () => {
      const values = await ask(`${agent.name} monitors`, [{name: "extension", label: "Agent", options}], "Monitor");
      if (values) store.act("agent/monitor", {agent: agent.id, ...values});
    }));
  }
  for (const {id, name} of store.state.options.options?.media ?? []) {
    const state = agent.media[id];
    if (!state) continue;
    const next = state === "LOGOUT" ? "LOGIN" : state === "NOT_READY" ? "READY" : "NOT_READY";
    const label = {LOGIN: "sign in", READY: "ready", NOT_READY: "not ready"}[next];
    items.push(button(agent, `media-${id}`, `${name}: ${label}`, () => {
      const reason = store.state.options.options?.reasons.find((each) => each.category === "NOT_READY")?.id ?? "";
      store.act("agent/media", {agent: agent.id, media: id, state: next, ...(next === "NOT_READY" ? {reason} : {})});
    }));
  }
  if (agent.streams) {
    items.push(
      button(agent, "drop", "Drop its connection", () => store.act("fault/stream", {agent: agent.id, fault: "drop"}), "danger"),
      agent.frozen
        ? button(agent, "thaw", "Unfreeze its connection", () => store.act("fault/stream", {agent: agent.id, fault: "thaw"}))
        : button(agent, "freeze", "Freeze its connection", () => store.act("fault/stream", {agent: agent.id, fault: "freeze"}), "danger"),
    );
  }
  if (!items.length) return null;
  const summary = h("summary", {"data-key": `${agent.id}-summary`, "aria-label": `More actions of ${agent.name}`}, "More");
  const close = () => {
    menu.open = false;
    summary.focus();
  };
  const menu = h(
    "details",
    {class: "more", "data-key": `${agent.id}-more`, keydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && close()},
    summary,
    h("div", {class: "menu", click: close}, ...items),
  );
  return menu;
}

/** @param {Agent} agent @param {Call} call */
function callBox(agent, call) {
  const own = call.participants.find((party) => party.agent === agent.id);
  if (!own) return null;
  const others = call.participants.filter((party) => party !== own);
  const name = call.variables.callVariable1;
  return h(
    "div",
    {class: `call ${toneOf(own.state)}`},
    h("div", {class: "line"}, badge(own.state), timer(own.since)),
    h("p", {}, h("strong", {}, title(call, agent)), name && ` · ${name}`),
    h("ul", {class: "parties"}, ...others.map((party) => h("li", {}, `${party.name || party.address} `, h("span", {class: "hint"}, labelOf(party.state).toLowerCase())))),
    h("div", {class: "buttons"}, ...callButtons(agent, call, own)),
  );
}

/** @param {Call} call @param {Agent} agent */
function title(call, agent) {
  if (call.reservation) return `Contact ${call.variables.BACustomerNumber || call.variables.BABuddyName || ""} of ${call.variables.BACampaign}`;
  if (call.monitors) return `Monitors call ${call.monitors}`;
  const incoming = call.from !== agent.extension;
  return incoming ? `From ${call.from}${call.queue ? ` via ${call.queue}` : ""}` : `To ${call.to}`;
}

/** @param {Agent} agent @param {Call} call @param {Participant} own */
function callButtons(agent, call, own) {
  return Object.entries(CALL_ACTIONS).filter(([action]) => own.actions.includes(action)).map(([action, label]) => button(
    agent,
    `${call.id}-${action}`,
    label,
    async () => {
      const field = {
        CONSULT_CALL: {name: "to", label: "Extension or number"},
        TRANSFER_SST: {name: "to", label: "Extension or number"},
        SEND_DTMF: {name: "digits", label: "Digits, * or #"},
      }[action];
      const values = field ? await ask(`${label.replace("…", "")}: ${agent.name}`, [field], label.replace("…", "")) : {};
      if (values) store.act("agent/act", {agent: agent.id, call: call.id, action, ...values});
    },
    MAIN.includes(action) ? "main" : action === "DROP" ? "danger" : "",
  ));
}

/** @param {Agent} agent @param {Task} task */
function taskBox(agent, task) {
  return h(
    "div",
    {class: `call ${toneOf(task.state)}`},
    h("div", {class: "line"}, badge(task.state), timer(task.since)),
    h("p", {}, h("strong", {}, task.media), ` · ${task.variables.callVariable1 || `customer ${task.number}`}`),
    h("div", {class: "buttons"}, ...Object.entries(TASK_ACTIONS).filter(([action]) => task.actions.includes(action)).map(([action, label]) => button(
      agent,
      `${task.number}-${action}`,
      label,
      async () => {
        /** @type {[string, string][]} */
        const selectors = task.selectors.map((selector) => [selector, selector]);
        const values = action === "TRANSFER" ? await ask("Transfer the task", [{name: "to", label: "To", options: selectors}], "Transfer") : {};
        if (values) store.act("agent/task", {agent: agent.id, task: task.id, action, ...values});
      },
      MAIN.includes(action) ? "main" : action === "CLOSE" ? "danger" : "",
    ))),
  );
}

customElements.define("console-floor", Floor);
