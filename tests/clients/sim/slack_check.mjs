// Slack's own npm packages against the simulated Slack: @slack/web-api as a client, @slack/bolt over Socket Mode as an app.
//
//     node slack_check.mjs PACKAGES SIM_ROOT
//
// Exit 1 with a sentence when something differs.
import { createRequire } from "node:module";
import path from "node:path";

const [packages, root] = process.argv.slice(2);
const require = createRequire(path.join(packages, "package.json"));
const { WebClient } = require("@slack/web-api");
const { App, LogLevel } = require("@slack/bolt");

const token = "xoxb-sim-acme-0001";
const appToken = "xapp-sim-socket-0001";
const slackApiUrl = `${root}api/`;
const client = new WebClient(token, { slackApiUrl, retryConfig: { retries: 0 }, logLevel: LogLevel.ERROR });

function expect(truth, sentence) {
  if (!truth) {
    console.error(`slack: ${sentence}`);
    process.exit(1);
  }
}

async function refused(word, call) {
  try {
    await call();
  } catch (error) {
    expect(error.data?.error === word, `${error.data?.error ?? error.message} instead of ${word}`);
    return;
  }
  expect(false, `nothing was refused with ${word}`);
}

async function act(what) {
  const answer = await fetch(`${root}__sim/deliver`, {
    method: "POST",
    body: JSON.stringify(what),
    headers: { "content-type": "application/json" },
  });
  expect(answer.ok, `${JSON.stringify(what)}: ${answer.status}`);
  return answer.json();
}

async function until(truth, sentence) {
  for (let tries = 0; tries < 200; tries += 1) {
    if (truth()) return;
    await new Promise((done) => setTimeout(done, 25));
  }
  expect(false, sentence);
}

const who = await client.auth.test();
expect(who.team_id === "T0ACME", `auth.test: ${JSON.stringify(who)}`);
const sent = await client.chat.postMessage({ channel: "C0GEN", text: "Hello 東京" });
expect(typeof sent.ts === "string", "chat.postMessage gives no ts");
await client.chat.update({ channel: "C0GEN", ts: sent.ts, text: "Hello again" });
await refused("invalid_blocks", () => client.chat.postMessage({ channel: "C0GEN", text: "x", blocks: [{ type: "header" }] }));
await refused("channel_not_found", () => client.chat.postMessage({ channel: "C0NONE", text: "x" }));
const user = await client.users.info({ user: "U0BEN", include_locale: true });
expect(user.user.locale === "ja-JP", `users.info: ${JSON.stringify(user.user)}`);
await client.views.publish({ user_id: "U0ANA", view: { type: "home", blocks: [{ type: "divider" }] } });

const app = new App({
  token,
  appToken,
  socketMode: true,
  clientOptions: { slackApiUrl },
  tokenVerificationEnabled: false,
  logLevel: LogLevel.ERROR,
});
const heard = [];
app.command("/socrazi", async ({ ack, command }) => {
  await ack({ text: `heard ${command.text}` });
  heard.push(command.text);
});
app.event("app_mention", async ({ event }) => {
  heard.push(event.type);
});
app.shortcut("new_post", async ({ ack, shortcut }) => {
  await ack();
  heard.push(shortcut.type);
});
await app.start();
const answer = await act({ act: "command", user: "U0ANA", channel: "C0GEN", text: "bolt over the socket" });
expect(answer.status === 200 && answer.body.includes("heard bolt"), `${JSON.stringify(answer)}`);
await act({ act: "say", user: "U0ANA", channel: "C0GEN", text: "<@U0BOT> hello" });
await act({ act: "shortcut", user: "U0ANA", callback_id: "new_post" });
await until(() => heard.length >= 3, `bolt heard ${JSON.stringify(heard)}`);
expect(heard.includes("app_mention") && heard.includes("shortcut"), `bolt heard ${JSON.stringify(heard)}`);
await app.stop();
console.log("slack: checks with @slack/web-api and @slack/bolt");
process.exit(0);
