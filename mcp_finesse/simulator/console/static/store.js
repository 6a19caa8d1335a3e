/** The state of the contact center as the server sent it, and the connection to the server. */

/** @import {Entry, State} from "./types.js" */

const MAX_ENTRIES = 400;

/** @returns {State} */
function emptyState() {
  return {
    options: {}, teams: {}, agents: {}, queues: {}, calls: {}, contacts: {}, tasks: {}, nodes: {}, system: {},
  };
}

/** Events: `change` (the state), `wire` (the journal), `status` (the connection), `message` (text for the person). */
class Store extends EventTarget {
  state = emptyState();
  /** @type {Entry[]} */
  wire = [];
  status = "connecting";
  statusText = "Connecting…";
  /** Server time minus the time of this browser, in seconds. */
  #clockOffset = 0;
  #token = readToken();

  /** The time of the server, in epoch seconds. */
  now() {
    return Date.now() / 1000 + this.#clockOffset;
  }

  /**
   * Perform an action. Tell the person if it fails.
   * @param {string} name
   * @param {Record<string, unknown>} fields
   * @returns {Promise<Record<string, string> | null>} null if it failed
   */
  async act(name, fields) {
    try {
      const response = await fetch(`/actions/${name}`, {
        method: "POST",
        headers: {"Content-Type": "application/json", "X-Console-Token": this.#token},
        body: JSON.stringify(fields),
      });
      const result = await response.json();
      if (response.ok) return result;
      this.say(String(result.error), true);
    } catch {
      this.say("The simulator does not respond. Nothing was done.", true);
    }
    return null;
  }

  /**
   * Tell the person something.
   * @param {string} text
   * @param {boolean} failed
   */
  say(text, failed = false) {
    this.dispatchEvent(new CustomEvent("message", {detail: {text, failed}}));
  }

  /** Read the events of the server until the token is rejected. Reconnect whenever the connection ends. */
  async listen() {
    if (!("ReadableStream" in globalThis && "TextDecoderStream" in globalThis)) {
      this.#setStatus("failed", "This browser cannot read event streams. Use a current browser.");
      return;
    }
    for (let attempt = 0; ; attempt += 1) {
      try {
        const response = await fetch("/events", {headers: {"X-Console-Token": this.#token}});
        if (!response.ok || !response.body) {
          const problem = await response.json();
          this.#setStatus("failed", String(problem.error));
          return;
        }
        attempt = 0;
        await this.#read(response.body.pipeThrough(new TextDecoderStream()).getReader());
      } catch {
        // The connection is lost.
      }
      this.#setStatus("lost", "The simulator does not respond. Trying again…");
      await new Promise((resolve) => setTimeout(resolve, Math.min(5000, 500 * 2 ** attempt)));
    }
  }

  /** @param {ReadableStreamDefaultReader<string>} reader */
  async #read(reader) {
    let text = "";
    for (;;) {
      const {done, value} = await reader.read();
      if (done) return;
      text += value;
      let end = text.indexOf("\n\n");
      while (end >= 0) {
        this.#handle(text.slice(0, end));
        text = text.slice(end + 2);
        end = text.indexOf("\n\n");
      }
    }
  }

  /** @param {string} message one server-sent event */
  #handle(message) {
    const match = /^event: (\w+)\ndata: (.*)$/.exec(message);
    if (!match) return;
    const data = JSON.parse(match[2]);
    if (match[1] === "snapshot") {
      this.#clockOffset = data.now - Date.now() / 1000;
      this.state = {...emptyState(), ...data.state};
      this.wire = data.wire;
      this.#setStatus("connected", "Live");
      if (data.missed) this.say("This page was too slow and missed some changes. It now shows the current state.");
      this.dispatchEvent(new Event("change"));
      this.dispatchEvent(new Event("wire"));
    } else if (match[1] === "change") {
      this.#apply(data);
      this.dispatchEvent(new Event("change"));
    } else if (match[1] === "wire") {
      const last = this.wire.at(-1)?.id ?? 0;
      const fresh = data.filter((/** @type {Entry} */ entry) => entry.id > last);
      this.wire = [...this.wire, ...fresh].slice(-MAX_ENTRIES);
      for (const entry of fresh) {
        // A request of this console that CTI rejected after it was accepted.
        if (entry.kind === "rejection" && entry.request_id.startsWith("console-")) this.say(`${entry.title} (${entry.detail})`, true);
      }
      this.dispatchEvent(new Event("wire"));
    }
  }

  /** @param {Record<string, Record<string, unknown>>} changes */
  #apply(changes) {
    const state = /** @type {Record<string, Record<string, unknown>>} */ (/** @type {unknown} */ (this.state));
    for (const [section, items] of Object.entries(changes)) {
      const changed = {...state[section], ...items};
      for (const [id, item] of Object.entries(items)) if (item === null) delete changed[id];
      state[section] = changed;
    }
  }

  /**
   * @param {string} status
   * @param {string} text
   */
  #setStatus(status, text) {
    this.status = status;
    this.statusText = text;
    this.dispatchEvent(new Event("status"));
  }
}

/** Take the token out of the address, so that nobody copies it, and keep it for reloads of this tab. */
function readToken() {
  const match = /^#token=([\w-]+)$/.exec(location.hash);
  if (match) {
    sessionStorage.setItem("token", match[1]);
    history.replaceState(null, "", "/");
  }
  return sessionStorage.getItem("token") ?? "";
}

export const store = new Store();
