// Our MCP Apps in a real browser, shown by a host made here, judged by the messages' official schemas (@modelcontextprotocol/ext-apps): they begin
// the talk, show what a tool answered in both themes, run nothing that somebody wrote into a post, and open the approval page only when a person
// presses the button.
//
//     apps_check.mjs --http URL --token TOKEN --chromium FILE --lang en [--out FOLDER]
//
// One line per check; exit code 1 when one failed. --out keeps a picture of each app in each theme.

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as apps from "@modelcontextprotocol/ext-apps/app-bridge";

const { values: options } = parseArgs({
  options: { http: { type: "string" }, token: { type: "string" }, chromium: { type: "string" }, lang: { type: "string" }, out: { type: "string" } },
});
const WAIT_MS = 20_000;
let failed = 0;
function check(isRight, sentence, evidence) {
  console.log(`${isRight ? "ok  " : "FAIL"} apps, ${options.lang}: ${sentence}`);
  if (!isRight) {
    failed += 1;
    console.log("     saw:", JSON.stringify(evidence)?.slice(0, 1200));
  }
}

// ---- the server ----

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "apps_check", version: "0" },
  "io.modelcontextprotocol/clientCapabilities": { extensions: { "io.modelcontextprotocol/ui": { mimeTypes: ["text/html;profile=mcp-app"] } } },
};
async function ask(method, params, name) {
  const headers = {
    authorization: `Bearer ${options.token}`, "content-type": "application/json", accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28", "mcp-method": method, ...(name ? { "mcp-name": name } : {}),
  };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: META } });
  const answer = await (await fetch(options.http, { method: "POST", headers, body })).json();
  if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  return answer.result;
}
const call = (name, args) => ask("tools/call", { name, arguments: args }, name);
const page = async (uri) => (await ask("resources/read", { uri }, uri)).contents[0];

// ---- the browser ----

const profile = mkdtempSync(join(tmpdir(), "socrazi-apps."));
const browser = spawn(options.chromium, [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0", `--user-data-dir=${profile}`,
  "--window-size=760,900", "about:blank",
], { stdio: ["ignore", "ignore", "pipe"] });
// However this ends.
process.on("exit", () => browser.kill());
const socketUrl = await new Promise((resolve, reject) => {
  let heard = "";
  browser.stderr.on("data", (piece) => {
    heard += piece;
    const found = heard.match(/DevTools listening on (ws:\S+)/);
    if (found) resolve(found[1]);
  });
  setTimeout(() => reject(new Error(`no browser: ${heard.slice(-500)}`)), WAIT_MS);
});
const host = createServer((request, response) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end("<!doctype html><title>host</title><body></body>");
});
await new Promise((resolve) => host.listen(0, "127.0.0.1", resolve));
const hostUrl = `http://127.0.0.1:${host.address().port}/`;

const { port } = new URL(socketUrl);
const target = await (await fetch(`http://127.0.0.1:${port}/json/new?${encodeURIComponent(hostUrl)}`, { method: "PUT" })).json();
const socket = new WebSocket(target.webSocketDebuggerUrl);
await new Promise((resolve) => socket.addEventListener("open", resolve));
const waiting = new Map();
const outside = [];
let next = 1;
socket.addEventListener("message", ({ data }) => {
  const { id, result, error, method, params } = JSON.parse(data);
  if (method === "Network.requestWillBeSent") outside.push(params.request.url);
  const one = waiting.get(id);
  waiting.delete(id);
  if (one) error ? one.reject(new Error(JSON.stringify(error))) : one.resolve(result);
});
const cdp = (method, params = {}) => new Promise((resolve, reject) => {
  const id = next++;
  waiting.set(id, { resolve, reject });
  socket.send(JSON.stringify({ id, method, params }));
});
const run = async (expression) => {
  const { result, exceptionDetails } = await cdp("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
};
async function until(what, expression) {
  const ends = Date.now() + WAIT_MS;
  while (Date.now() < ends) {
    if (await run(expression)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not happen: ${await run("JSON.stringify(window.heard ?? null)")}`);
}

// The host: it answers as the specification says, and notes every message. The frame is of the host's origin so that it can be looked into.
const HOST = (html, theme, result) => `(() => {
  window.heard = []; window.owned = [];
  document.body.replaceChildren();
  document.body.style.cssText = "margin:0;background:${theme === "dark" ? "#111" : "#fff"}";
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts allow-same-origin";
  frame.style.cssText = "width:760px;height:900px;border:0";
  window.onmessage = ({ source, data }) => {
    if (source !== frame.contentWindow) return;
    if (data?.jsonrpc !== "2.0") return window.owned.push(data);
    window.heard.push(data);
    const say = (message) => frame.contentWindow.postMessage({ jsonrpc: "2.0", ...message }, "*");
    if (data.method === "ui/initialize") say({ id: data.id, result: { protocolVersion: "2026-01-26", hostInfo: { name: "check", version: "0" },
      hostCapabilities: { openLinks: {} }, hostContext: { theme: ${JSON.stringify(theme)}, displayMode: "inline" } } });
    if (data.method === "ui/open-link") say({ id: data.id, result: {} });
    if (data.method === "ui/notifications/initialized") {
      say({ method: "ui/notifications/tool-input", params: { arguments: {} } });
      say({ method: "ui/notifications/tool-result", params: ${JSON.stringify(result).replaceAll("<", "\\u003c")} });
    }
  };
  frame.srcdoc = ${JSON.stringify(html).replaceAll("<", "\\u003c")};
  document.body.append(frame);
  window.frame = frame;
})()`;
const SCHEMAS = {
  "ui/initialize": apps.McpUiInitializeRequestSchema,
  "ui/notifications/initialized": apps.McpUiInitializedNotificationSchema,
  "ui/notifications/size-changed": apps.McpUiSizeChangedNotificationSchema,
  "ui/open-link": apps.McpUiOpenLinkRequestSchema,
};

async function show(name, theme, html, result) {
  await run(HOST(html, theme, result));
  await until(`${name} in ${theme}`, "frame.contentDocument?.querySelector('h1') && heard.some((m) => m.method === 'ui/notifications/size-changed')");
  const heard = await run("heard");
  const strange = heard.filter((message) => !SCHEMAS[message.method]?.safeParse({ method: message.method, params: message.params }).success);
  check(strange.length === 0, `${name}, ${theme}: every message is one of the protocol`, strange);
  check((await run("frame.contentDocument.documentElement.dataset.theme")) === theme, `${name}, ${theme}: in the host's theme`);
  const wide = await run("frame.contentDocument.documentElement.scrollWidth - frame.clientWidth");
  check(wide <= 0, `${name}, ${theme}: nothing sticks out`, wide);
  if (options.out) {
    const { data } = await cdp("Page.captureScreenshot", { format: "png" });
    writeFileSync(join(options.out, `${name}-${options.lang}-${theme}.png`), Buffer.from(data, "base64"));
  }
  return run("frame.contentDocument.body.innerText");
}

const EVIL = "</script><script>parent.postMessage('owned','*')</script><img src=x onerror=\"parent.postMessage('owned','*')\"><b>bold</b> javascript:alert(1)";

try {
  await cdp("Page.enable");
  await cdp("Network.enable");
  const tools = (await ask("tools/list", {})).tools;
  const uiOf = (name) => tools.find((tool) => tool.name === name)._meta.ui;
  check(tools.every((tool) => !tool._meta?.ui || apps.McpUiToolMetaSchema.safeParse(tool._meta.ui).success), "what tools say of their apps is well-formed");
  const draft = (await call("create_draft", { text: "おはようございます。今日から新しい週です。\nA calm beginning." })).structuredContent.post.id;
  const evil = (await call("create_draft", { text: EVIL })).structuredContent.post.id;
  const asked = await call("schedule_post", { post: draft, at: new Date(Date.now() + 400 * 86_400_000).toISOString() });
  const results = {
    post: await call("get_post", { post: draft }),
    asked,
    evil: await call("get_post", { post: evil }),
    calendar: await call("list_posts", {}),
    report: await call("report_posts", {}),
  };
  // What cannot have happened yet in the story is made up after the tool's own shape.
  const days = results.report.structuredContent.days;
  const at = `${days[5]}T09:00:00+09:00`;
  const made = { zone: "Asia/Tokyo", days, accounts: [{ account: "@ana", published: days.map((_, no) => no % 3) }, { account: "@studio", published: days.map((_, no) => (no * 2) % 5) }],
    published: [{ post: draft, account: "@ana", at, text: "おはようございます。今日から新しい週です。", permalink: "https://x.com/ana/status/1" }, { post: evil, account: EVIL, at, text: EVIL, permalink: "javascript:alert(1)" }],
    not_published: [{ post: draft, account: "@studio", at, wording: EVIL }] };
  const week = days.map((date, no) => ({ id: draft, revision: 1, status: ["published", "scheduled", "waiting_for_you", "needs_attention"][no % 4], text: no === 2 ? EVIL : "おはようございます。今日から新しい週です。", accounts: ["@ana"], at: `${date}T0${no}:30:00+09:00` }));
  const shapes = {
    report: { content: [], structuredContent: made, _meta: { "socrazi/view": made } },
    calendar: { content: [], structuredContent: { posts: [...week, ...results.calendar.structuredContent.posts] } },
  };
  // Google is not connected in the story: reports over time and by name, after the tools' own shape.
  const figures = { source: `acme.example (310001) ${EVIL}`, period: `${days[0]} to ${days[6]} (Asia/Tokyo)`, compared: "2026-01-01 to 2026-01-07 (Asia/Tokyo)",
    columns: ["date", "sessions", "sessions_before", "sessions_change", "sessions_change_percent", "engagementRate_percent"],
    rows: days.slice(0, 7).map((date, no) => [date.replaceAll("-", ""), 10 * no, 5, 10 * no - 5, 12.5, no === 3 ? null : 50 + no]),
    totals: { sessions: 210, sessions_before: 35, sessions_change_percent: 500 }, badges: [], caveats: [EVIL], csv_url: "javascript:alert(1)", names: { sessions: "Sessions" } };
  const named = { ...figures, columns: ["query", "clicks"], rows: [[EVIL, 9], ["shoes", 5], ["boots", null]], names: {}, totals: null };
  shapes.figures = { content: [], structuredContent: figures, _meta: { "socrazi/view": figures } };
  shapes.named = { content: [], structuredContent: named };
  const documents = {};
  for (const [name, tool] of [["post", "get_post"], ["calendar", "list_posts"], ["report", "report_posts"], ["figures", "report_traffic"]]) {
    const contents = await page(uiOf(tool).resourceUri);
    check(contents.mimeType === "text/html;profile=mcp-app" && apps.McpUiResourceMetaSchema.safeParse(contents._meta.ui).success, `${name}: a document with its policy`, contents._meta);
    documents[name] = contents.text;
  }
  outside.length = 0;
  for (const theme of ["light", "dark"]) {
    const said = await show("post", theme, documents.post, results.post);
    check(said.includes("A calm beginning."), `post, ${theme}: the text is there`, said);
    check(/[぀-ヿ一-鿿]/.test(said.replaceAll("おはようございます。今日から新しい週です。", "")) === (options.lang === "ja"), `post, ${theme}: in the person's language`, said);
    await show("calendar", theme, documents.calendar, shapes.calendar);
    check((await run("frame.contentDocument.querySelectorAll('.day').length")) >= 7, `calendar, ${theme}: a week has its days`);
    await show("report", theme, documents.report, shapes.report);
    check((await run("frame.contentDocument.querySelectorAll('rect').length")) > 7, `report, ${theme}: the columns are drawn`);
    await show("figures", theme, documents.figures, shapes.figures);
    check((await run("frame.contentDocument.querySelectorAll('rect').length")) === 7, `figures, ${theme}: a column for each day`);
    await show("figures-named", theme, documents.figures, shapes.named);
    check((await run("frame.contentDocument.querySelectorAll('rect').length")) === 2, `figures, ${theme}: a bar for each figure that is known`);
    const written = await run("[...frame.contentDocument.querySelectorAll('svg text')].map((text) => text.textContent)");
    check(written.length === 6 && written.at(-2) === "boots" && written.at(-1) === "–", `figures, ${theme}: what is not known is named and no zero`, written);
    for (const [name, result] of [["post", results.evil], ["calendar", shapes.calendar], ["report", shapes.report], ["figures", shapes.figures], ["figures", shapes.named]]) {
      const said = await show(name, theme, documents[name], result);
      await new Promise((resolve) => setTimeout(resolve, 300));
      check((await run("owned.length")) === 0, `${name}, ${theme}: what somebody wrote does not run`, await run("owned"));
      const markup = await run("frame.contentDocument.querySelectorAll('img:not(.preview), b, body script, a').length");
      check(markup === 0 && said.includes("<b>bold</b>"), `${name}, ${theme}: it is shown as it was written`, [markup, said]);
    }
  }
  // Even markup that got in would be stopped by the document's own policy.
  await show("post", "light", documents.post, results.post);
  await run("frame.contentDocument.body.insertAdjacentHTML('beforeend', `<img src=x onerror=\"parent.postMessage('owned','*')\">`)");
  await run("(() => { const s = frame.contentDocument.createElement('script'); s.textContent = `parent.postMessage('owned','*')`; frame.contentDocument.body.append(s); })()");
  await new Promise((resolve) => setTimeout(resolve, 500));
  check((await run("owned.length")) === 0, "the document's policy stops scripts that are put in later", await run("owned"));
  // Answers that are not as they should be.
  for (const [no, odd] of [{}, { content: null }, { isError: true, content: [{ type: "text", text: "Refused: <b>no</b>" }] }, { structuredContent: { post: { variants: [null, 5], deliveries: "x", status: 7 } } }, { structuredContent: { posts: [null] } }].entries()) {
    await run(HOST(documents.post, "light", odd));
    await until(`odd answer ${no}`, "heard.some((m) => m.method === 'ui/notifications/initialized')");
    check((await run("owned.length")) === 0, `an odd answer (${no}) does nothing`);
  }
  // The way to the approval.
  const said = await show("asked", "light", documents.post, asked);
  check(said.includes("A calm beginning."), "who is asked sees the text, too", said);
  const opened = () => run("heard.filter((m) => m.method === 'ui/open-link').map((m) => m.params.url)");
  await run("frame.contentDocument.querySelectorAll('button').forEach((button) => button.click())");
  check((await opened()).length === 0, "a script that presses the buttons opens nothing", await opened());
  const spot = await run("(() => { const box = frame.contentDocument.querySelector('.note button').getBoundingClientRect(); return { x: box.x + box.width / 2, y: box.y + box.height / 2 }; })()");
  for (const type of ["mousePressed", "mouseReleased"]) await cdp("Input.dispatchMouseEvent", { type, ...spot, button: "left", clickCount: 1 });
  await until("the press", "heard.some((m) => m.method === 'ui/open-link')");
  check(JSON.stringify(await opened()) === JSON.stringify([asked.structuredContent.approval_url]), "a person who presses is led to the approval page", await opened());
  const heard = await run("heard.map((m) => m.method)");
  check(!heard.includes("tools/call"), "no app calls a tool", heard);
  const foreign = asked.structuredContent.approval_url.replace(/^https?:\/\/[^/]+/, "https://evil.example");
  await show("asked", "light", documents.post, { content: [], structuredContent: { ...asked.structuredContent, approval_url: foreign }, _meta: {} });
  check((await run("frame.contentDocument.querySelectorAll('.note button').length")) === 0, "an approval elsewhere has no button");
  check(outside.every((url) => url.startsWith("about:") || url.startsWith("data:") || url.startsWith(hostUrl)), "nothing was fetched", outside);
} catch (error) {
  check(false, "the check reaches its end", String(error.stack ?? error));
} finally {
  socket.close();
  browser.kill();
  host.close();
  await new Promise((resolve) => (browser.exitCode === null && browser.signalCode === null ? browser.on("exit", resolve) : resolve()));
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`apps_check, ${options.lang}: ${failed} checks did not hold`);
process.exit(failed ? 1 : 0);
