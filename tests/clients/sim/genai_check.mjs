// Asks the simulated Gemini through @google/genai, Google's own client for JavaScript.
//
//     node genai_check.mjs PACKAGES SIM_ROOT
//
// Exit 1 with a sentence when something differs.
import { createRequire } from "node:module";
import path from "node:path";

const [packages, root] = process.argv.slice(2);
const require = createRequire(path.join(packages, "package.json"));
const { GoogleGenAI } = require("@google/genai");

const apiKey = "AQ.sim-gemini-key-0123456789abcdef";
const model = "gemini-3.8-flash";
const ai = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: root, apiVersion: "v1beta" } });

function expect(truth, sentence) {
  if (!truth) {
    console.error(`genai: ${sentence}`);
    process.exit(1);
  }
}

async function plays(...plays) {
  const body = JSON.stringify(plays.map((play) => ({ play })));
  const answer = await fetch(`${root}__sim/script`, { method: "POST", body, headers: { "content-type": "application/json" } });
  expect(answer.ok, `the script was not taken: ${await answer.text()}`);
}

const says = (pieces, how = {}) => plays({ say: { pieces, ...how } });

async function refused(status, call) {
  try {
    await call();
  } catch (error) {
    expect(error.status === status, `${error.status} instead of ${status}: ${error.message}`);
    return error;
  }
  expect(false, `nothing was refused with ${status}`);
}

await says([{ text: "Guten Tag, 東京!" }]);
const whole = await ai.models.generateContent({ model, contents: "hello" });
expect(whole.text === "Guten Tag, 東京!", `the text came as ${whole.text}`);

const long = "A longer text, so that it arrives in several pieces. ".repeat(4);
for (const how of [{}, { crlf: true }, { cut: { bytes: 5 } }, { trailing_signature: true }]) {
  await says([{ text: long }], how);
  let read = "";
  for await (const chunk of await ai.models.generateContentStream({ model, contents: "hello" })) read += chunk.text ?? "";
  expect(read === long, `the stream was read wrongly: ${JSON.stringify(how)}`);
}

const tools = [{ functionDeclarations: [{ name: "views", parametersJsonSchema: { type: "object" } }] }];
const chat = ai.chats.create({ model, config: { tools } });
await says([{ call: { name: "views", args: { channel: "a" } } }]);
const asked = await chat.sendMessage({ message: "How many?" });
const [call] = asked.functionCalls;
expect(call.name === "views" && call.args.channel === "a", `the call came as ${JSON.stringify(call)}`);
await says([{ text: "12." }]);
const response = { functionResponse: { id: call.id, name: call.name, response: { output: { views: 12 } } } };
const told = await chat.sendMessage({ message: [response] });
expect(told.text === "12.", `the answer came as ${told.text}`);

const { totalTokens } = await ai.models.countTokens({ model, contents: "hello" });
expect(totalTokens > 0, "no tokens were counted");
await plays({ exhausted: { retry_s: 1 } });
await refused(429, () => ai.models.generateContent({ model, contents: "x" }));
await plays({ refused: [503, "UNAVAILABLE"] });
await refused(503, () => ai.models.generateContent({ model, contents: "x" }));
await refused(404, () => ai.models.generateContent({ model: "gemini-2.0-flash", contents: "x" }));
const { violations } = await (await fetch(`${root}__sim/asked`)).json();
const odd = violations.filter((rule) => !rule.includes("store"));
expect(odd.length === 0, `the client broke ${odd}`);
console.log("@google/genai and the simulated Gemini agree");
