// An authorization server by oidc-provider that logs in and consents without a person. Prints its issuer as JSON, and
// serves until stdin ends. Access tokens are JWTs; those for a resource that ends in "/opaque" are opaque.

import { createRequire } from "node:module";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.PEERS}/`);
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const SCOPES = ["finesse:read", "finesse:act", "finesse:admin", "finesse:raw"];
const TTL = { hasty: 1 };

const key = (kid, type, options, alg) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }), kid, alg, use: "sig",
});
const client = (client_id) => ({
  client_id,
  client_secret: `secret of ${client_id}`,
  grant_types: ["client_credentials"],
  redirect_uris: [],
  response_types: [],
});

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [client("robot"), client("hasty"), client("finesse")],
  jwks: {
    keys: [
      key("rsa", "rsa", { modulusLength: 2048 }, "RS256"),
      key("curve", "ec", { namedCurve: "P-256" }, "ES256"),
    ],
  },
  cookies: { keys: ["for tests"] },
  scopes: ["openid", "offline_access", ...SCOPES],
  ttl: {
    AccessToken: 3600, AuthorizationCode: 60, Grant: 3600, IdToken: 3600, Interaction: 600, Session: 3600,
    ClientCredentials: (_, token) => TTL[token.clientId] ?? 3600,
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  clientBasedCORS: () => false,
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource, { clientId }) => ({
        scope: SCOPES.join(" "),
        audience: resource,
        accessTokenFormat: resource.endsWith("/opaque") ? "opaque" : "jwt",
        jwt: { sign: { alg: clientId === "robot" ? "ES256" : "RS256" } },
      }),
    },
  },
});
provider.on("server_error", (_, error) => console.error(error));

// Logs in as ada, and grants everything that the client asks for.
async function interact(request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  let result = { login: { accountId: params.login_hint ?? "ada" } };
  if (prompt.name === "consent") {
    const grant =
      (grantId && (await provider.Grant.find(grantId))) ||
      new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(" "));
    for (const [resource, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {}))
      grant.addResourceScope(resource, scopes.join(" "));
    result = { consent: { grantId: await grant.save() } };
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

const answer = provider.callback();
server.on("request", (request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  interact(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
});

console.log(JSON.stringify({ issuer }));
process.stdin.resume().on("end", () => process.exit(0));
