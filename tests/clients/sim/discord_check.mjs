// discord.js as a client of the simulated Discord, and discord-interactions as the judge of what it signs.
//
//     node discord_check.mjs PACKAGES SIM_ROOT
//
// Exit 1 with a sentence when something differs.
import { createRequire } from "node:module";
import http from "node:http";
import path from "node:path";

const [packages, root] = process.argv.slice(2);
const require = createRequire(path.join(packages, "package.json"));
const discord = require("discord.js");
const { verifyKey } = require("discord-interactions");

const token = "MTAxMDAwMDAwMDAwMDAwMDAwMQ.SimSim.socrazi-sim-discord-bot-token-0001";
const publicKey = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";
const [app, acme, general] = ["1010000000000000001", "1020000000000000001", "1030000000000000001"];
const [ana, ben, dmAna] = ["1040000000000000001", "1040000000000000002", "1050000000000000001"];

function expect(truth, sentence) {
  if (!truth) {
    console.error(`discord: ${sentence}`);
    process.exit(1);
  }
}

async function act(name, more = {}) {
  const answer = await fetch(`${root}__sim/deliver`, {
    method: "POST",
    body: JSON.stringify({ act: name, ...more }),
    headers: { "content-type": "application/json" },
  });
  const body = await answer.json();
  expect(answer.ok, `${name} ${JSON.stringify(more)}: ${answer.status} ${JSON.stringify(body)}`);
  return body;
}

const state = async () => (await fetch(`${root}__sim/state`)).json();
const seen = async (user, channel) => (await fetch(`${root}__sim/seen?user=${user}&channel=${channel}`)).json();

async function until(truth, sentence, tries = 800) {
  for (let turn = 0; turn < tries; turn += 1) {
    if (await truth()) return;
    await new Promise((done) => setTimeout(done, 25));
  }
  expect(false, sentence);
}

async function refused(code, call) {
  try {
    await call();
  } catch (error) {
    expect(error.code === code, `${error.code} ${error.message} instead of ${code}`);
    return;
  }
  expect(false, `nothing was refused with ${code}`);
}

const { GatewayIntentBits, Partials, MessageFlags, ButtonStyle, TextInputStyle } = discord;
const client = new discord.Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages],
  partials: [Partials.Channel],
  rest: { api: `${root}api`, version: "10" },
});
const heard = [];
client.on("error", (error) => heard.push(String(error)));
client.on("messageCreate", (message) => {
  if (!message.author.bot) heard.push(`${message.content}|${message.attachments.size}`);
});
client.on("interactionCreate", async (interaction) => {
  if (interaction.isAutocomplete()) {
    await interaction.respond([{ name: "one", value: interaction.options.getFocused() }]);
  } else if (interaction.isChatInputCommand()) {
    heard.push(`/${interaction.commandName} ${interaction.options.getSubcommand()} ${interaction.options.getString("topic")}`);
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await interaction.editReply({ flags: MessageFlags.IsComponentsV2, components: [card()] });
    await interaction.followUp({ content: "more", flags: MessageFlags.Ephemeral });
  } else if (interaction.isButton()) {
    const form = new discord.ModalBuilder().setCustomId("form").setTitle("Edit");
    const input = new discord.TextInputBuilder().setCustomId("body").setStyle(TextInputStyle.Paragraph);
    form.addLabelComponents(new discord.LabelBuilder().setLabel("Text").setTextInputComponent(input));
    await interaction.showModal(form);
  } else if (interaction.isModalSubmit()) {
    heard.push(`modal ${interaction.fields.getTextInputValue("body")}`);
    await interaction.update({ components: [new discord.TextDisplayBuilder().setContent("done")] });
  }
});

function card() {
  const row = new discord.ActionRowBuilder().addComponents(
    new discord.ButtonBuilder().setCustomId("ed").setLabel("Edit").setStyle(ButtonStyle.Secondary),
  );
  return new discord.ContainerBuilder()
    .setAccentColor(0x5865f2)
    .addTextDisplayComponents(new discord.TextDisplayBuilder().setContent("### Card"))
    .addSeparatorComponents(new discord.SeparatorBuilder())
    .addActionRowComponents(row);
}

await client.login(token);
await until(() => client.isReady(), "discord.js is not ready");
expect(client.user.id === app && client.guilds.cache.get(acme)?.name === "Acme", "the server is not as told");
const channel = await client.channels.fetch(general);

// Messages.
const sent = await channel.send({ content: "Hello 東京", files: [{ attachment: Buffer.from("png"), name: "a.png" }], embeds: [{ title: "t" }] });
expect(sent.attachments.size === 1 && sent.embeds[0].title === "t", "not what was sent");
const edited = await sent.edit({ content: "Hello again", attachments: [], embeds: [] });
expect(edited.content === "Hello again" && edited.attachments.size === 0, "not edited");
const answer = await sent.reply({ content: "answer", allowedMentions: { repliedUser: false } });
expect(answer.reference.messageId === sent.id, "no reply");
const list = await channel.messages.fetch({ limit: 5 });
expect(list.first().id === answer.id, "the newest message is not the first");
const thread = await sent.startThread({ name: "A thread" });
expect(thread.id === sent.id, "no thread");
await thread.send("in the thread");
await channel.sendTyping();
await (await client.users.fetch(ana)).send("hello");
await refused(50035, () => channel.send("x".repeat(2001)));
await refused(50006, () => channel.send({ content: "" }));
await refused(50035, () => channel.send({ content: "x", flags: MessageFlags.IsComponentsV2, components: [card()] }));
await answer.delete();
await refused(10008, () => answer.edit("x"));

// What people write.
await act("say", { user: ana, channel: general, text: `<@${app}> hi` });
await act("say", { user: ana, channel: general, text: "secret" });
await act("say", { user: ana, channel: dmAna, text: "direct", files: [{ name: "a.txt", mime: "text/plain", base64: "aGk=" }] });
await until(() => heard.length >= 3, `heard ${JSON.stringify(heard)}`);
expect(heard.join() === `<@${app}> hi|0,|0,direct|1`, `heard ${JSON.stringify(heard)}`);
heard.length = 0;

// Commands and components.
const topic = { type: 3, name: "topic", description: "About", required: true, autocomplete: true };
await client.application.commands.set([
  { name: "post", description: "Posts", options: [{ type: 1, name: "draft", description: "Drafts", options: [topic] }] },
]);
const command = { user: ben, channel: general, path: "post draft", options: { topic: "新機能" } };
const typed = await act("autocomplete", { user: ben, channel: general, path: "post draft", option: "topic", text: "ab" });
expect(typed.callback?.data?.choices?.[0]?.value === "ab", `autocomplete: ${JSON.stringify(typed)}`);
const deferred = await act("command", command);
expect(deferred.callback?.type === 5, `command: ${JSON.stringify(deferred)}`);
await until(async () => (await seen(ben, general)).filter((m) => m.only_for).length === 2, "no follow-up");
const shown = (await seen(ben, general)).find((m) => m.only_for && m.components.length > 0);
expect(shown.components[0].type === 17 && (shown.flags & 32768) !== 0, `no card: ${JSON.stringify(shown)}`);
const pressed = await act("press", { user: ben, channel: general, message: shown.id, custom_id: "ed" });
expect(pressed.callback?.type === 9, `press: ${JSON.stringify(pressed)}`);
const modal = (await state()).modals[0];
const submitted = await act("submit", { user: ben, modal: modal.id, values: [["body", "新しい"]] });
expect(submitted.callback?.type === 7, `submit: ${JSON.stringify(submitted)}`);
expect(heard.join() === "/post draft 新機能,modal 新しい", `heard ${JSON.stringify(heard)}`);
const changed = (await seen(ben, general)).find((m) => m.id === shown.id);
expect(changed.words === "done", `not changed: ${JSON.stringify(changed)}`);

// Losing the connection.
for (const way of [["reconnect"], ["cut"], ["close", { code: 4000 }], ["invalidate", { can_resume: true }]]) {
  heard.length = 0;
  const before = (await state()).gateway.resumes;
  await act(...way);
  await act("say", { user: ana, channel: dmAna, text: `meanwhile ${way[0]}` });
  await until(async () => (await state()).gateway.resumes > before, `no resume after ${way[0]}`);
  await until(() => heard.length > 0, `nothing was told again after ${way[0]}`);
  expect(heard.join() === `meanwhile ${way[0]}|0`, `heard ${JSON.stringify(heard)}`);
}
expect((await state()).gateway.identifies === 1, "somebody identified anew instead of resuming");
await client.destroy();

// Interactions over HTTP: discord-interactions agrees with every signature, good or bad.
const verdicts = [];
const door = http.createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", async () => {
    const raw = Buffer.concat(pieces);
    const mark = request.headers["x-signature-ed25519"] ?? "";
    const stamp = request.headers["x-signature-timestamp"] ?? "";
    const good = mark !== "" && (await verifyKey(raw, mark, stamp, publicKey));
    verdicts.push(good);
    const body = JSON.parse(raw);
    response.writeHead(good ? 200 : 401, { "content-type": "application/json" });
    response.end(good ? JSON.stringify(body.type === 1 ? { type: 1 } : { type: 4, data: { content: "over HTTP" } }) : "{}");
  });
});
await new Promise((done) => door.listen(0, "127.0.0.1", done));
await act("save_endpoint", { url: `http://127.0.0.1:${door.address().port}/` });
expect(verdicts.join() === "true,false,false", `probed with ${verdicts}`);
const over = await act("command", command);
expect(over.status === 200 && over.callback.data.content === "over HTTP", `over HTTP: ${JSON.stringify(over)}`);
await act("endpoint", { url: null });
door.close();
const { violations } = await state();
const odd = violations.filter((line) => !/50035|50006/.test(line));
expect(odd.length === 0, `violations: ${JSON.stringify(odd)}`);
console.log("discord: checks with discord.js and discord-interactions");
process.exit(0);
