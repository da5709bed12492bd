// What went out, by account and day, as columns, and what did not.
const APP = "report";
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const HEIGHT = 220, FOOT = 190, LEFT = 28, TOP = 12;

function draw(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function chart(days, accounts) {
  const WIDTH = wide();
  const figures = accounts.map((account) => days.map((_, no) => Math.max(0, Number(list(account.published)[no]) || 0)));
  const sums = days.map((_, no) => figures.reduce((sum, own) => sum + own[no], 0));
  const most = Math.max(1, ...sums);
  const up = (figure) => ((FOOT - TOP) * figure) / most;
  const slot = (WIDTH - LEFT) / days.length;
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": SAID.report, "font-size": "12", fill: "currentColor" });
  for (const line of new Set([0, Math.ceil(most / 2), most])) {
    const y = FOOT - up(line);
    svg.append(draw("line", { x1: LEFT, x2: WIDTH, y1: y, y2: y, stroke: "currentColor", "stroke-opacity": line ? ".15" : ".6" }));
    svg.append(draw("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, String(line)));
  }
  const every = Math.ceil(days.length / 7);
  days.forEach((date, no) => {
    let foot = FOOT;
    figures.forEach((own, row) => {
      const height = up(own[no]);
      if (!height) return;
      const bar = draw("rect", { x: LEFT + no * slot + slot * 0.18, y: foot - height, width: slot * 0.64, height, fill: COLOURS[row], rx: 2 });
      bar.append(draw("title", {}, `${day(date)} ${text(accounts[row].account)}: ${own[no]}`));
      svg.append(bar);
      foot -= height;
    });
    const last = days.length - 1;
    if ((last - no) % every === 0) svg.append(draw("text", { x: no === last ? WIDTH : LEFT + (no + 0.5) * slot, y: FOOT + 18, "text-anchor": no === last ? "end" : "middle" }, text(date).slice(5).replace("-", "/")));
  });
  return svg;
}

function legend(accounts) {
  const square = (row) => draw("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, draw("rect", { width: 10, height: 10, rx: 2, fill: COLOURS[row] }));
  const sum = (account) => list(account.published).reduce((all, one) => all + (Number(one) || 0), 0);
  return make("div", "legend", accounts.map((account, row) => make("span", "", square(row), `${text(account.account)} · ${sum(account)}`)));
}

function rows(all, what) {
  const row = (one) => make("tr", "", make("td", "", day(one.at), " ", clock(one.at)), make("td", "", text(one.account)), make("td", "", what(one)));
  return make("table", "", make("tbody", "", all.map(row)));
}

function show(view) {
  const accounts = list(view.accounts).slice(0, COLOURS.length);
  const days = list(view.days);
  const parts = [make("h1", "", SAID.report), make("p", "meta", days.length ? `${day(days[0])} – ${day(days[days.length - 1])}` : "")];
  const out = list(view.published);
  if (accounts.length) parts.push(legend(accounts), chart(days, accounts));
  if (!out.length) parts.push(make("p", "meta", SAID.nothing));
  const missing = list(view.not_published);
  if (missing.length) parts.push(make("h2", "", SAID.missing), rows(missing, (one) => text(one.wording)));
  if (out.length) parts.push(make("h2", "", SAID.out), rows(out, (one) => make("span", "", text(one.text), " ", one.permalink ? opens(SAID.look, one.permalink, "quiet") : null)));
  if (view.has_more || list(view.accounts).length > COLOURS.length) parts.push(make("p", "meta", SAID.more));
  return parts;
}
