/** The left part: a person plays customers, sees the queues, and injects faults. */

import {Memo, ask, h, replaceChildren, setOptions, timer} from "./dom.js";
import {badge} from "./states.js";
import {store} from "./store.js";
import {faultsPanel} from "./faults.js";

/** @import {Call, Contact, Task} from "./types.js" */

let sequence = 142;

/** Return the next number of a made-up customer. */
function nextNumber() {
  return `312555${String(sequence++).padStart(4, "0")}`;
}

/**
 * Read lines like `name=value`.
 * @param {string} text
 */
function readVariables(text) {
  const lines = text.split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(lines.map((line) => {
    const at = line.indexOf("=");
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  }));
}

/**
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} [hint]
 */
function labelled(label, control, hint = "") {
  return h("label", {}, label, hint && h("span", {class: "hint"}, ` ${hint}`), control);
}

class Desk extends HTMLElement {
  #rows = new Memo();
  #queueRows = new Memo();

  connectedCallback() {
    this.customers = h("div", {class: "list"});
    this.queues = h("tbody");
    this.faults = faultsPanel();
    this.forms = customerForms();
    this.append(
      h("h2", {}, "Play a customer"),
      this.forms.element,
      h("h2", {}, "Customers"),
      this.customers,
      h("h2", {}, "Queues"),
      h(
        "table",
        {class: "queues"},
        h("thead", {}, h("tr", {}, ...["Queue", "Waiting", "Longest", "Ready"].map((name) => h("th", {scope: "col"}, name)))),
        this.queues,
      ),
      this.faults.element,
    );
    store.addEventListener("change", () => this.render());
  }

  render() {
    const {calls, contacts, tasks, queues} = store.state;
    const outside = Object.values(calls).filter((call) => call.participants.some((party) => !party.agent));
    const rows = [
      ...outside.map((call) => this.#rows.element(`call ${call.id}`, call, () => customerRow(call))),
      ...Object.values(contacts).filter((contact) => !calls[contact.id])
        .map((contact) => this.#rows.element(`contact ${contact.id}`, contact, () => contactRow(contact))),
      ...Object.values(tasks).map((task) => this.#rows.element(`task ${task.number}`, task, () => taskRow(task))),
    ];
    this.#rows.keep(new Set([
      ...Object.keys(calls).map((id) => `call ${id}`),
      ...Object.keys(contacts).map((id) => `contact ${id}`),
      ...Object.keys(tasks).map((id) => `task ${id}`),
    ]));
    if (this.customers) {
      replaceChildren(this.customers, ...(rows.length ? rows : [h("p", {class: "empty"}, "Nobody calls or writes. Use the form above.")]));
    }
    if (this.queues) {
      replaceChildren(this.queues, ...Object.values(queues).map((queue) => this.#queueRows.element(queue.id, queue, () => h(
        "tr",
        {},
        h("th", {scope: "row"}, queue.name, h("span", {class: "hint"}, ` ${queue.number}`)),
        h("td", {class: queue.waiting ? "strong" : ""}, queue.waiting),
        h("td", {}, queue.longest === null ? "–" : timer(queue.longest, "Longest waiting time")),
        h("td", {}, `${queue.ready} of ${queue.signed_in}`),
      ))));
    }
    this.forms?.update();
    this.faults?.update();
  }
}

/** @param {Call} call */
function customerRow(call) {
  const customer = call.participants.find((party) => !party.agent);
  const number = customer?.address ?? call.from;
  const others = call.participants.filter((party) => party.agent).map((party) => party.name);
  const rings = customer?.state === "ALERTING";
  const place = call.waiting ? `in ${call.queue}` : others.length ? `with ${others.join(", ")}` : `calls ${call.to}`;
  const name = call.variables.callVariable1;
  const done = call.participants.every((party) => party.state === "DROPPED" || party.state === "WRAP_UP");
  return h(
    "article",
    {class: "row"},
    h("div", {class: "line"}, h("strong", {}, number), timer(call.since)),
    name && h("div", {class: "caller"}, name),
    h("div", {class: "line"}, badge(call.waiting ? "WAITING" : customer?.state ?? call.state), h("span", {class: "hint"}, place)),
    call.tones && h("div", {class: "hint"}, `Keys pressed: ${call.tones}`),
    !done && h(
      "div",
      {class: "buttons"},
      rings && h("button", {class: "main", "data-key": `answer-${call.id}`, click: () => store.act("customer/answer", {call: call.id})}, "Answer"),
      h("button", {
        "data-key": `keys-${call.id}`,
        click: async () => {
          const values = await ask(`Keys of ${number}`, [{name: "digits", label: "Digits, * or #"}], "Press");
          if (values) store.act("customer/press", {call: call.id, ...values});
        },
      }, "Press keys…"),
      h("button", {class: "danger", "data-key": `hang-up-${call.id}`, click: () => store.act("customer/hang-up", {call: call.id})}, "Hang up"),
    ),
  );
}

/** @param {Contact} contact */
function contactRow(contact) {
  const agent = store.state.agents[contact.agent]?.name ?? contact.agent;
  return h(
    "article",
    {class: "row"},
    h("div", {class: "line"}, h("strong", {}, contact.number), h("span", {class: "hint"}, contact.campaign)),
    h("div", {class: "line"}, badge("ALERTING"), h("span", {class: "hint"}, `is called for ${agent}`)),
    h("div", {class: "buttons"}, h("button", {class: "main", "data-key": `answer-${contact.id}`, click: () => store.act("customer/answer", {call: contact.id})}, "Answer")),
  );
}

/** @param {Task} task */
function taskRow(task) {
  const agent = store.state.agents[task.agent]?.name;
  return h(
    "article",
    {class: "row"},
    h("div", {class: "line"}, h("strong", {}, task.variables.callVariable1 || `Customer ${task.number}`), timer(task.since)),
    h("div", {class: "line"}, badge(task.state), h("span", {class: "hint"}, agent ? `${task.media}, with ${agent}` : task.media)),
    h("div", {class: "buttons"}, h("button", {class: "danger", "data-key": `leave-${task.number}`, click: () => store.act("customer/leave", {task: task.number})}, "Leave")),
  );
}

/** The forms for a call, a campaign contact and a chat, one at a time. */
function customerForms() {
  const kind = h("select", {"aria-label": "What the customer does"});
  setOptions(kind, [["call", "Call a queue or an agent"], ["campaign", "Be called by a campaign"], ["task", "Start a chat or e-mail"]]);
  const to = h("select");
  const other = h("input", {autocomplete: "off", "aria-label": "Other number", placeholder: "Other number"});
  const number = h("input", {value: nextNumber(), required: true, autocomplete: "off", inputmode: "tel"});
  const name = h("input", {autocomplete: "off", placeholder: "A & B Ltd"});
  const campaign = h("select");
  const agent = h("select");
  const media = h("select");
  const variables = h("textarea", {rows: 2, placeholder: "user.orderId=A-1007", spellcheck: "false"});
  const button = h("button", {class: "main"}, "Call");
  const parts = {
    to: labelled("Calls", to), other, campaign: labelled("Campaign", campaign), agent: labelled("For agent", agent),
    media: labelled("Medium", media), number: labelled("Number of the customer", number),
    name: labelled("Name", name, "(callVariable1)"),
    variables: labelled("More variables", variables, "one name=value a line"),
  };
  /** @type {Record<string, string[]>} */
  const shown = {
    call: ["to", "number", "name", "variables"],
    campaign: ["campaign", "agent", "number", "name"],
    task: ["media", "name", "variables"],
  };

  function update() {
    const {agents, queues, options} = store.state;
    const {campaigns = [], media: domains = []} = options.options ?? {};
    setOptions(to, [
      ...Object.values(queues).map(/** @returns {[string, string]} */ (queue) => [queue.number, `Queue ${queue.name} (${queue.number})`]),
      ...Object.values(agents).filter((each) => each.extension)
        .map(/** @returns {[string, string]} */ (each) => [each.extension, `${each.name} (${each.extension})`]),
      ["", "Another number…"],
    ]);
    setOptions(campaign, campaigns.map((each) => [each.name, `${each.name}, ${each.mode.toLowerCase().replace("_", " ")}`]));
    const members = campaigns.find((each) => each.name === campaign.value)?.agents ?? [];
    setOptions(agent, members.map((id) => [id, `${agents[id]?.name ?? id} (${id})`]));
    setOptions(media, domains.map((each) => [each.id, each.name]));
    for (const [part, element] of Object.entries(parts)) element.hidden = !shown[kind.value].includes(part);
    parts.other.hidden = !(kind.value === "call" && to.value === "");
    parts.other.required = !parts.other.hidden;
    number.required = kind.value !== "task";
    button.textContent = {call: "Call", campaign: "Start the contact", task: "Start"}[kind.value] ?? "Start";
  }

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    const named = name.value ? {callVariable1: name.value} : {};
    const all = {...named, ...readVariables(variables.value)};
    /** @type {Record<string, () => Promise<Record<string, string> | null>>} */
    const actions = {
      call: () => store.act("customer/call", {to: to.value || other.value, number: number.value, variables: all}),
      campaign: () => store.act("customer/campaign", {campaign: campaign.value, agent: agent.value, number: number.value, name: name.value}),
      task: () => store.act("customer/task", {media: media.value, variables: all}),
    };
    const done = await actions[kind.value]();
    if (done && kind.value === "call") number.value = nextNumber();
  }

  kind.addEventListener("change", update);
  to.addEventListener("change", update);
  campaign.addEventListener("change", update);
  const element = h(
    "form", {class: "card form", submit}, kind, parts.to, parts.other, parts.campaign, parts.agent, parts.media,
    parts.number, parts.name, parts.variables, button,
  );
  return {element, update};
}

customElements.define("console-desk", Desk);
