// Strophe.js over WebSocket as a client to be measured; the same lines in and out as receiving.py.
// Arguments: the address, the user, the XMPP domain, the node, and what is done with an update: "stanza" leaves it in
// the stanza and looks for its request id alone, "update" parses it with the DOM parser that Strophe.js uses.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

globalThis.XMLHttpRequest = class {}; // looked for when the library is loaded, used by BOSH alone
const { Strophe, $iq, $pres } = createRequire(`${process.env.PEERS}/`)("strophe-for-websocket");
console.debug = console.log = console.info = () => {}; // Strophe.js talks there
const tell = (line) => process.stdout.write(line + "\n");

const [address, user, domain, node, what] = process.argv.slice(2);
let left = 0, took = [], start;

function arrived(message) {
  const text = message.getElementsByTagName("notification")[0]?.textContent;
  if (text === undefined) return true;
  const requestId = what === "update"
    ? Strophe.xmlHtmlNode(text).getElementsByTagName("requestId")[0].textContent
    : text.split("<requestId>")[1].split("<")[0];
  const sent = requestId.slice("sent-".length);
  took.push(Number(process.hrtime.bigint() - BigInt(sent)) / 1000);
  left -= 1;
  if (left === 0) {
    const { user: inUser, system } = process.cpuUsage(start);
    tell(JSON.stringify({ cpu: (inUser + system) / took.length, took }));
  }
  return true;
}

const connection = new Strophe.Connection(address);
connection.connect(`${user}@${domain}/strophe-${what}`, "secret", (status) => {
  if (status === Strophe.Status.DISCONNECTED) process.exit(0);
  if (status !== Strophe.Status.CONNECTED) return;
  connection.addHandler(arrived, null, "message");
  connection.send($pres().c("priority").t("0"));
  const subscribe = $iq({ type: "set", to: `pubsub.${domain}` })
    .c("pubsub", { xmlns: "http://jabber.org/protocol/pubsub" })
    .c("subscribe", { node, jid: connection.jid });
  connection.sendIQ(subscribe, () => tell("ready"), () => process.exit(1));
});

createInterface({ input: process.stdin })
  .on("line", (line) => {
    [left, took] = [Number(line), []];
    start = process.cpuUsage();
    tell("counting");
  })
  .on("close", () => connection.disconnect());
