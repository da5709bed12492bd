// The official TypeScript clients, SDK 1.x and client 2.x, driven by agents_story.py: a line of JSON in, a line of JSON out.
//
//     node agent_typescript.mjs NPM_FOLDER 1|2 URL CALLBACK_PORT

import { createRequire } from "node:module";
import readline from "node:readline";
import { pathToFileURL } from "node:url";

const [npm, line, url, port] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${npm}/`));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { Client, StreamableHTTPClientTransport, UnauthorizedError } =
  line === "1"
    ? {
        ...(await load("@modelcontextprotocol/sdk/client/index.js")),
        ...(await load("@modelcontextprotocol/sdk/client/streamableHttp.js")),
        ...(await load("@modelcontextprotocol/sdk/client/auth.js")),
      }
    : await load("@modelcontextprotocol/client");

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hear = async () => {
  const { value, done } = await lines.next();
  return done ? undefined : JSON.parse(value);
};
const say = (what) => console.log(JSON.stringify(what));

const redirect = `http://127.0.0.1:${port}/callback`;
const kept = {};
const provider = {
  redirectUrl: redirect,
  clientMetadata: {
    client_name: `TypeScript ${line}`,
    redirect_uris: [redirect],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  },
  clientInformation: () => kept.client,
  saveClientInformation: (client) => void (kept.client = client),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => void (kept.tokens = tokens),
  redirectToAuthorization: (address) => say({ authorize: String(address) }),
  saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
  codeVerifier: () => kept.verifier,
  saveDiscoveryState: (state) => void (kept.discovery = state),
  discoveryState: () => kept.discovery,
};

let transport;
const open = () => (transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: provider }));

// Both leave it to the program to come back with what the browser was told, and to try again.
async function letIn(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    const back = new URL((await hear()).landed);
    await (line === "1" ? transport.finishAuth(back.searchParams.get("code")) : transport.finishAuth(back.searchParams));
    return await work();
  }
}

let client;
await letIn(async () => {
  client = new Client({ name: `typescript-${line}`, version: "1" });
  await client.connect(open());
});
// Streams end with the server: that is what is tried here.
client.onerror = () => {};
say({ answer: "ready" });
for (let asked; (asked = await hear()); ) {
  try {
    if (asked.list) {
      say({ answer: (await letIn(() => client.listTools())).tools.map((tool) => tool.name) });
    } else {
      const result = await letIn(() => client.callTool({ name: asked.call, arguments: asked.arguments }));
      say(result.isError ? { error: JSON.stringify(result.content) } : { answer: result.structuredContent });
    }
  } catch (error) {
    say({ error: String(error.stack ?? error) });
  }
}
await client.close();
process.exit(0);
