/** The panel that injects faults of nodes, events and requests. */

import {Memo, h, replaceChildren, setOptions} from "./dom.js";
import {store} from "./store.js";

/** @import {FinesseNode} from "./types.js" */

/** Errors that an action can fail with: type, message and data. */
const ERRORS = [
  ["Generic Error", "CF_GENERIC_UNSPECIFIED", "0"],
  ["Generic Error", "CF_INVALID_OBJECT_STATE", "22"],
  ["Generic Error", "CF_GENERIC_STATE_INCOMPATIBILITY", "21"],
  ["Invalid State", "CF_INVALID_AGENT_WORKMODE", "265"],
  ["Invalid State", "CF_RESOURCE_BUSY", "33"],
];
const ACTIONS = [
  "*", "LOGIN", "LOGOUT", "READY", "NOT_READY", "MAKE_CALL", "ANSWER", "HOLD", "RETRIEVE", "DROP", "CONSULT_CALL",
  "TRANSFER", "CONFERENCE", "TRANSFER_SST", "SEND_DTMF", "UPDATE_CALL_DATA",
];

/**
 * @param {string} title
 * @param {...Node} controls
 */
function group(title, ...controls) {
  return h("fieldset", {}, h("legend", {}, title), ...controls);
}

/** @param {[string, string][]} options @param {string} label */
function choice(options, label) {
  const select = h("select", {"aria-label": label});
  setOptions(select, options);
  return select;
}

/** @param {string} label */
function seconds(label) {
  const input = h("input", {type: "number", min: 0, max: 60, step: 0.1, value: 0, required: true});
  return {input, element: h("label", {class: "short"}, label, input)};
}

export function faultsPanel() {
  const rows = new Memo();
  const nodes = h("div", {class: "list"});
  const active = h("div", {class: "active-faults"});

  const kind = choice([["lose", "Lose"], ["duplicate", "Send twice"], ["swap", "Reorder"], ["malformed", "Cut off"]], "What happens to events");
  const number = h("input", {type: "number", min: 1, max: 100, value: 1, required: true, "aria-label": "Number of events"});
  const events = h(
    "form",
    {class: "inline", submit: (/** @type {Event} */ event) => {
      event.preventDefault();
      store.act("fault/events", {kind: kind.value, count: Number(number.value)});
    }},
    kind, h("span", {}, "the next"), number, h("span", {}, "agent events"), h("button", {}, "Inject"),
  );

  const [eventDelay, responseDelay, outcomeDelay] = ["Events", "REST responses", "Outcome of actions"].map(seconds);
  const delays = h(
    "form",
    {class: "inline", submit: (/** @type {Event} */ event) => {
      event.preventDefault();
      store.act("fault/delays", {
        events: Number(eventDelay.input.value),
        responses: Number(responseDelay.input.value),
        outcome: Number(outcomeDelay.input.value),
      });
    }},
    eventDelay.element, responseDelay.element, outcomeDelay.element, h("button", {}, "Set"),
  );

  const lost = h("input", {type: "checkbox", change: () => store.act("fault/request-ids", {lost: lost.checked})});

  const action = choice(ACTIONS.map((name) => [name, name === "*" ? "any action" : name]), "Action that fails");
  const error = choice(ERRORS.map(([type, message, data], index) => [String(index), `${type} ${data} ${message}`]), "Error");
  const fail = h(
    "form",
    {class: "inline", submit: (/** @type {Event} */ event) => {
      event.preventDefault();
      const [type, message, data] = ERRORS[Number(error.value)];
      store.act("fault/fail-next", {action: action.value, type, message, data});
    }},
    action, h("span", {}, "with"), error, h("button", {}, "Inject"),
  );

  const status = choice([
    ["500", "status 500"], ["503", "status 503"], ["401", "status 401"], ["404", "status 404"],
    ["page", "a web page"], ["none", "no response"],
  ], "Response");
  const response = h(
    "form",
    {class: "inline", submit: (/** @type {Event} */ event) => {
      event.preventDefault();
      store.act("fault/http-status", {status: status.value});
    }},
    h("span", {}, "The next request gets"), status, h("button", {}, "Inject"),
  );

  const element = h(
    "details",
    {class: "faults"},
    h("summary", {}, h("h2", {}, "Break something")),
    active,
    group("Servers", nodes),
    group("Events", events),
    group("Delays in seconds", delays),
    group("Request ids", h("label", {class: "check"}, lost, "Events carry no request id")),
    group("Let an action fail after 202", fail),
    group("REST responses", response),
  );

  function update() {
    const all = Object.values(store.state.nodes);
    const cti = store.state.system.system?.cti ?? "connected";
    replaceChildren(nodes, ...all.map((node) => rows.element(node.domain, node, () => nodeRow(node))), rows.element("cti", cti, () => ctiRow(cti)));
    lost.checked = all.some((node) => node.drop_request_id);
    replaceChildren(active, ...activeFaults(all));
  }
  return {element, update};
}

/** @param {FinesseNode[]} nodes */
function activeFaults(nodes) {
  const texts = nodes.flatMap((node) => [
    ...node.waiting_faults,
    ...(node.event_delay ? [`events ${node.event_delay} s late`] : []),
    ...(node.response_delay ? [`responses ${node.response_delay} s late`] : []),
    ...(node.drop_request_id ? ["request ids lost"] : []),
  ]);
  if (store.state.system.system?.outcome_delay) texts.push(`outcomes ${store.state.system.system.outcome_delay} s late`);
  if (!texts.length) return [];
  return [
    h("p", {}, h("strong", {}, "Active: "), [...new Set(texts)].join(", ")),
    h("button", {"data-key": "clear", click: () => store.act("fault/clear", {})}, "Remove these faults"),
  ];
}

/** @param {FinesseNode} node */
function nodeRow(node) {
  /** @param {string} part @param {boolean} broken @param {string} stop @param {string} start */
  const toggle = (part, broken, stop, start) => h(
    "button",
    {
      "data-key": `${node.domain}-${part}`,
      class: broken ? "main" : "danger",
      click: () => store.act("fault/node", {node: node.domain, part, broken: !broken}),
    },
    broken ? start : stop,
  );
  return h(
    "div",
    {class: "row"},
    h("div", {class: "line"}, h("strong", {}, node.domain), h("span", {class: "hint"}, node.url)),
    node.running
      ? h(
        "div",
        {class: "buttons"},
        toggle("rest", node.rest_stopped, "Stop REST", "Start REST"),
        toggle("notifications", node.notifications_stopped, "Stop notifications", "Start notifications"),
        toggle("cti", node.cti_lost, "Lose CTI", "Restore CTI"),
        toggle("node", false, "Crash node", "Start node"),
      )
      : h("div", {class: "buttons"}, toggle("node", true, "Crash node", "Start node")),
  );
}

/** @param {string} cti */
function ctiRow(cti) {
  const broken = cti !== "connected";
  return h(
    "div",
    {class: "buttons"},
    !broken && h("button", {"data-key": "cti-silent", class: "danger", click: () => store.act("fault/cti", {state: "silent"})}, "Lose CTI unnoticed"),
    broken && h("button", {"data-key": "cti-back", class: "main", click: () => store.act("fault/cti", {state: "connected"})}, "Restore CTI everywhere"),
  );
}
