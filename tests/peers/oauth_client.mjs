// A client by the TypeScript SDK that logs in by OAuth without a person: registers itself, follows the redirects of the
// authorization server with a cookie jar, and calls tools. Argument: the URL. Prints one JSON object.

import { createRequire } from "node:module";

const require = createRequire(`${process.env.PEERS}/`);
const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const { UnauthorizedError } = require("@modelcontextprotocol/sdk/client/auth.js");
const { StreamableHTTPClientTransport } = require("@modelcontextprotocol/sdk/client/streamableHttp.js");

const url = new URL(process.argv[2]);
const REDIRECT = "http://127.0.0.1:9/callback";
const asked = [];
let redirected, information, tokens, verifier;

const authProvider = {
  redirectUrl: REDIRECT,
  clientMetadata: {
    client_name: "assistant",
    redirect_uris: [REDIRECT],
    grant_types: ["authorization_code"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  },
  clientInformation: () => information,
  saveClientInformation: (given) => (information = given),
  tokens: () => tokens,
  saveTokens: (given) => (tokens = given),
  codeVerifier: () => verifier,
  saveCodeVerifier: (given) => (verifier = given),
  redirectToAuthorization: async (to) => {
    asked.push({ scope: to.searchParams.get("scope"), resource: to.searchParams.get("resource") });
    redirected = await follow(to);
  },
};

// What a browser does until it is sent back to the client
async function follow(to) {
  const cookies = new Map();
  while (!to.href.startsWith(REDIRECT)) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(to, { redirect: "manual", headers: { cookie } });
    for (const each of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(each);
      cookies.set(name, value);
    }
    const next = response.headers.get("location");
    if (!next) throw new Error(`${response.status} ${await response.text()}`);
    to = new URL(next, to);
  }
  return to;
}

const client = () => new Client({ name: "assistant", version: "1.0.0" });
const transport = () => new StreamableHTTPClientTransport(url, { authProvider });
const first = transport();
try {
  await client().connect(first);
  throw new Error("connected without a token");
} catch (error) {
  if (!(error instanceof UnauthorizedError)) throw error;
}
await first.finishAuth(redirected.searchParams.get("code"));

const connected = client();
await connected.connect(transport());
const user = await connected.callTool({ name: "get_user", arguments: {} });
const changed = await connected.callTool({ name: "change_state", arguments: { state: "READY" } });
console.log(
  JSON.stringify({
    asked,
    scope: tokens.scope,
    user: user.content[0].text,
    changed: changed.structuredContent?.status ?? changed.content,
  }),
);
await connected.close();
