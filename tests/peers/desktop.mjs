// The Finesse desktop as far as its XMPP library goes: Strophe.js logs in as `desktop` and tells what it is sent.
// Arguments: the address (wss or https), the user, the XMPP domain, the node to subscribe to.
import https from "node:https";
import { createRequire } from "node:module";

// Strophe.js expects a browser; for BOSH it needs the few parts of XMLHttpRequest that it uses.
globalThis.XMLHttpRequest = class {
  readyState = 0; status = 0; responseText = ""; responseXML = null; headers = {};
  open(method, url) { this.method = method; this.url = url; this.readyState = 1; }
  setRequestHeader(name, value) { this.headers[name] = value; }
  overrideMimeType() {}
  getResponseHeader() { return null; }
  getAllResponseHeaders() { return ""; }
  send(body) {
    const headers = { ...this.headers, "content-length": Buffer.byteLength(body) };
    this.request = https.request(this.url, { method: this.method, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece) => (text += piece));
      answer.on("end", () => this.finish(answer.statusCode, text));
    });
    this.request.on("error", () => this.finish(0, ""));
    this.request.end(body);
  }
  finish(status, text) {
    this.status = status; this.responseText = text; this.readyState = 4;
    this.onreadystatechange?.();
  }
  abort() { this.request?.destroy(); }
};

const [address, user, domain, node] = process.argv.slice(2);
// Outside a browser each release works by one of the two ways: the older lacks a DOM for BOSH, the newer stumbles
// over the end of a WebSocket.
const release = address.startsWith("wss") ? "strophe-for-websocket" : "strophe-for-bosh";
const { Strophe, $iq, $pres } = createRequire(`${process.env.PEERS}/`)(release);
const tell = (what) => process.stdout.write(JSON.stringify(what) + "\n");
console.debug = console.log = console.info = () => {}; // Strophe.js talks there; stdout is for what we tell
const connection = new Strophe.Connection(address);

connection.connect(`${user}@${domain}/desktop`, "secret", (status, reason) => {
  const name = Object.keys(Strophe.Status).find((key) => Strophe.Status[key] === status);
  tell({ status: name, reason: reason ?? "" });
  if (status === Strophe.Status.DISCONNECTED) process.exit(0);
  if (status !== Strophe.Status.CONNECTED) return;
  connection.addHandler((message) => {
    const items = message.getElementsByTagName("items")[0];
    if (items) tell({ node: items.getAttribute("node"), update: items.textContent });
    return true;
  }, null, "message");
  connection.send($pres());
  const subscribe = $iq({ type: "set", to: `pubsub.${domain}` })
    .c("pubsub", { xmlns: "http://jabber.org/protocol/pubsub" })
    .c("subscribe", { node, jid: connection.jid });
  connection.sendIQ(subscribe, () => tell({ subscribed: node }), () => tell({ refused: node }));
});

process.stdin.on("end", () => connection.disconnect("the test is over"));
process.stdin.resume();
