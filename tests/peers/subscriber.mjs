// A client of 2025-11-25 by the TypeScript SDK: initializes, subscribes to the notifications, makes the agent
// ready, and waits to be told of the call. Arguments: "http URL" or "stdio COMMAND ARGUMENT...".
// Prints one JSON object; ends with 1 when it is not told.

import { createRequire } from "node:module";

const require = createRequire(`${process.env.PEERS}/`);
const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = require("@modelcontextprotocol/sdk/client/stdio.js");
const { StreamableHTTPClientTransport } = require("@modelcontextprotocol/sdk/client/streamableHttp.js");
const { ResourceUpdatedNotificationSchema } = require("@modelcontextprotocol/sdk/types.js");

const NOTIFICATIONS = "finesse://notifications";
const [how, target, ...rest] = process.argv.slice(2);

const transport =
  how === "http"
    ? new StreamableHTTPClientTransport(new URL(target))
    : new StdioClientTransport({ command: target, args: rest, stderr: "inherit" });
const client = new Client({ name: "subscriber", version: "1.0.0" });

const told = [];
let wake = () => {};
client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
  told.push(params.uri);
  wake();
});

async function call(name, args = {}) {
  const result = await client.callTool({ name, arguments: args });
  if (result.isError) throw new Error(result.content[0].text);
  return result.structuredContent;
}

// The call among the notifications, read because we were told, or undefined
async function ringing() {
  const { contents } = await client.readResource({ uri: NOTIFICATIONS });
  const { notifications } = JSON.parse(contents[0].text);
  const dialogs = notifications.flatMap((item) => item.dialogs ?? (item.dialog ? [item.dialog] : []));
  return dialogs.find((dialog) => dialog.my_state === "ALERTING");
}

await client.connect(transport);
const capability = client.getServerCapabilities().resources;
await client.subscribeResource({ uri: NOTIFICATIONS });
const signedIn = await call("sign_in", { extension: "4501" });
await call("change_state", { state: "READY" });

let dialog;
const patience = setTimeout(() => {
  console.error(`never told of a call; told of ${JSON.stringify(told)}`);
  process.exit(1);
}, 20_000);
for (let seen = 0; !dialog; ) {
  if (told.length === seen) await new Promise((resolve) => (wake = resolve));
  seen = told.length;
  dialog = await ringing();
}
clearTimeout(patience);

const whatWasUnderWay = () => new Promise((resolve) => setTimeout(resolve, 300)); // changes are joined for 100
await client.unsubscribeResource({ uri: NOTIFICATIONS });
await whatWasUnderWay();
const before = told.length;
await call("answer_call");
await whatWasUnderWay();

console.log(
  JSON.stringify({
    server: client.getServerVersion(),
    capability,
    signedIn: signedIn.status,
    told: [...new Set(told)],
    dialog,
    afterUnsubscribing: told.length - before,
  }),
);
await client.close();
