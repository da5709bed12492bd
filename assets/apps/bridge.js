// Between an app and the assistant that shows it: JSON-RPC over postMessage (MCP Apps, 2026-01-26). Texts become text nodes, never markup; the
// only thing that an app asks for is that a page be opened.
"use strict";
const host = { can: {}, next: 1, waiting: new Map() };
const send = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
const tell = (method, params) => send({ method, params });
const ask = (method, params) => new Promise((resolve, reject) => {
  const id = host.next++;
  host.waiting.set(id, { resolve, reject });
  send({ id, method, params });
});

// An element with a class and children; a child that is no element is text.
function make(name, kind, ...children) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== "") made.append(child instanceof Node ? child : String(child));
  }
  return made;
}
// A colour, and in words what it means.
function dot(status) {
  const made = make("span", /^[a-z_]+$/.test(status) ? "dot " + status : "dot");
  if (SAID.statuses[status]) {
    made.setAttribute("role", "img");
    made.setAttribute("aria-label", SAID.statuses[status]);
    made.title = SAID.statuses[status];
  }
  return made;
}
const list = (value) => (Array.isArray(value) ? value : []);
const text = (value) => (typeof value === "string" ? value : "");

// A button that opens a page: of this server, or where the post can be seen.
function opens(label, url, kind) {
  if (!(text(url).startsWith(SAID.home) || text(url).startsWith("https://"))) return null;
  const button = make("button", kind, label);
  button.type = "button";
  button.addEventListener("click", (event) => {
    // Pressed by a person, not by a script in this frame.
    if (event.isTrusted) ask("ui/open-link", { url }).catch(() => button.after(make("p", "meta", url)));
  });
  return button;
}
const day = (date) => {
  const at = new Date(text(date).slice(0, 10) + "T00:00:00Z");
  const year = text(date).slice(0, 4) === SAID.today.slice(0, 4) ? {} : { year: "numeric" };
  return isNaN(at) ? text(date) : new Intl.DateTimeFormat(SAID.lang, { ...year, weekday: "short", month: "short", day: "numeric", timeZone: "UTC" }).format(at);
};
// As wide as a drawing is here, so that its letters keep their size.
const wide = () => (window.innerWidth > 200 ? Math.min(640, Math.max(300, window.innerWidth - 32)) : 640);
const clock = (at) => text(at).slice(11, 16);

function themed(context) {
  if (!context) return;
  const theme = context.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.documentElement.dataset.theme = theme === "dark" ? "dark" : "light";
}

// What a tool answered: for people in their language where it was sent along, else as the model has it.
function shown(result) {
  const view = result?._meta?.["socrazi/view"] ?? result?.structuredContent;
  const said = list(result?.content).filter((part) => part?.type === "text").map((part) => text(part.text)).join("\n");
  const parts = result?.isError || !view ? [make("p", "text", said)] : show(view, result?.structuredContent ?? {}, list(result?._meta?.["socrazi/pictures"]));
  document.body.replaceChildren(...parts.filter((part) => part !== null));
}

window.addEventListener("message", (event) => {
  if (event.source !== window.parent || event.data?.jsonrpc !== "2.0") return;
  const { id, method, params, result, error } = event.data;
  if (method === "ui/notifications/tool-result") return shown(params);
  if (method === "ui/notifications/tool-cancelled") return document.body.replaceChildren(make("p", "meta", SAID.cancelled));
  if (method === "ui/notifications/host-context-changed") return params?.theme ? themed(params) : undefined;
  if (method !== undefined) {
    if (id !== undefined) send({ id, result: {} });
    return;
  }
  const waiting = host.waiting.get(id);
  host.waiting.delete(id);
  if (waiting) error ? waiting.reject(error) : waiting.resolve(result);
});

themed({});
ask("ui/initialize", {
  appInfo: { name: "socrazi-" + APP, version: SAID.version },
  appCapabilities: { availableDisplayModes: ["inline"] },
  protocolVersion: "2026-01-26",
}).then((answer) => {
  host.can = answer?.hostCapabilities ?? {};
  themed(answer?.hostContext);
  tell("ui/notifications/initialized", {});
  const grown = () => tell("ui/notifications/size-changed", { width: document.documentElement.scrollWidth, height: Math.ceil(document.body.getBoundingClientRect().height) });
  new ResizeObserver(grown).observe(document.body);
});
