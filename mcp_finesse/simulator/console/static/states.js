/** Names and shapes of states. A shape makes a state recognizable without its color. */

import {h, svg} from "./dom.js";

/** @type {Record<string, [label: string, tone: string, shape: string]>} */
const STATES = {
  READY: ["Ready", "good", "check"],
  NOT_READY: ["Not ready", "away", "bar"],
  RESERVED: ["Phone is ringing", "ring", "bell"],
  RESERVED_OUTBOUND: ["Reserved for a campaign", "ring", "bell"],
  RESERVED_OUTBOUND_PREVIEW: ["Looks at a contact", "ring", "bell"],
  TALKING: ["Talking", "busy", "speech"],
  HOLD: ["Call on hold", "hold", "pause"],
  WORK: ["Wrap-up, then not ready", "wrap", "pen"],
  WORK_READY: ["Wrap-up, then ready", "wrap", "pen"],
  LOGOUT: ["Signed out", "off", "ring-dots"],
  // participants and dialogs
  INITIATING: ["Off hook", "ring", "bell"],
  INITIATED: ["Dialing", "ring", "bell"],
  ALERTING: ["Ringing", "ring", "bell"],
  ACTIVE: ["Active", "busy", "speech"],
  HELD: ["On hold", "hold", "pause"],
  WRAP_UP: ["Wrap-up", "wrap", "pen"],
  FAILED: ["Failed", "bad", "cross"],
  DROPPED: ["Left", "off", "ring-dots"],
  ACCEPTED: ["Accepted", "busy", "check"],
  // tasks
  WAITING: ["Waiting", "ring", "clock"],
  OFFERED: ["Offered", "ring", "bell"],
  PAUSED: ["Paused", "hold", "pause"],
  WRAPPING_UP: ["Wrap-up", "wrap", "pen"],
  INTERRUPTED: ["Interrupted", "hold", "pause"],
};

/** @type {Record<string, string>} */
const SHAPES = {
  check: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm-1 10L3.8 7.8l1.2-1.2 2 2 4-4 1.2 1.2Z",
  bar: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM4 6.8h8v2.4H4Z",
  bell: "M8 1.5A4.5 4.5 0 0 0 3.5 6v3L2 11.5h12L12.5 9V6A4.5 4.5 0 0 0 8 1.5ZM6.2 12.5a1.8 1.8 0 0 0 3.6 0Z",
  speech: "M2 2.5h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H8.5L5 15v-3.5H2a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1Z",
  clock: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3Zm-.8 1.5h1.6v3.2l2.3 1.4-.8 1.4-3.1-1.9Z",
  pause: "M3.5 2.5h3.2v11H3.5ZM9.3 2.5h3.2v11H9.3Z",
  pen: "M2 11.5 10.5 3 13 5.5 4.5 14H2ZM11.3 2.2l1-1 2.5 2.5-1 1Z",
  "ring-dots": "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3Z",
  cross: "M3.5 2 8 6.5 12.5 2 14 3.5 9.5 8l4.5 4.5-1.5 1.5L8 9.5 3.5 14 2 12.5 6.5 8 2 3.5Z",
};

/** @param {string} state */
export function labelOf(state) {
  return STATES[state]?.[0] ?? state;
}

/** @param {string} state */
export function toneOf(state) {
  return STATES[state]?.[1] ?? "off";
}

/**
 * A badge with the shape, the color and the label of a state.
 * @param {string} state
 * @param {string} [more] text after the label
 */
export function badge(state, more = "") {
  const shape = SHAPES[STATES[state]?.[2] ?? "ring-dots"];
  return h(
    "span",
    {class: `badge ${toneOf(state)}`, title: state},
    svg("svg", {viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true"},
      svg("path", {d: shape, "fill-rule": "evenodd"})),
    h("span", {}, more ? `${labelOf(state)} · ${more}` : labelOf(state)),
  );
}
