// A report of Analytics, Search Console or YouTube: the figures in all, the first of them as columns over time or as bars, then the rows.
const APP = "figures";
const HEIGHT = 220, FOOT = 190, LEFT = 44, TOP = 12, BARS = 12, METRICS = 4, ROWS = 50, POINTS = 100;

function draw(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
const short = (value, most) => (value.length > most ? value.slice(0, most - 1) + "…" : value);
// What fits into so many pixels of this size of letters: those of Chinese and Japanese are twice as wide.
function fitting(value, pixels) {
  let left = pixels - 12, fits = "";
  for (const letter of value) {
    left -= letter.codePointAt(0) > 0x2e7f ? 12 : 6.8;
    if (left < 0) return fits + "…";
    fits += letter;
  }
  return fits;
}
const word = (value) => (typeof value === "number" ? value.toLocaleString(SAID.lang, { maximumFractionDigits: 2 }) : text(value) || "–");
const beside = (name) => /_(before|change|change_percent)$/.test(name);
const isTime = (value) => /^\d{4}-\d{2}(-\d{2})?([T ]|$)/.test(value) || /^\d{6}(\d{2}){0,2}$/.test(value);
const moment = (value) => (/^\d{8}$/.test(value) ? `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6)}` : value);
const signed = (value) => (typeof value === "number" ? `${value > 0 ? "+" : ""}${word(value)} %` : "");
function span(value) {
  const found = /^(\d{4}-\d{2}-\d{2}) to (\d{4}-\d{2}-\d{2}) \((.*)\)$/.exec(text(value));
  return found ? `${day(found[1])} – ${day(found[2])} (${found[3]})` : text(value);
}

// What is not known keeps its place and its name, and is drawn as nothing: it is no zero.
const known = (figure) => typeof figure === "number";

function columns(points, name) {
  const WIDTH = wide();
  const most = Math.max(1, ...points.flatMap((point) => [point.now, point.before].filter(known)));
  const up = (figure) => ((FOOT - TOP) * Math.max(0, figure)) / most;
  const slot = (WIDTH - LEFT) / points.length, every = Math.ceil(points.length / Math.floor(WIDTH / 90));
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": name, "font-size": "12", fill: "currentColor" });
  for (const share of [0, 0.5, 1]) {
    const y = FOOT - up(most * share);
    svg.append(draw("line", { x1: LEFT, x2: WIDTH, y1: y, y2: y, stroke: "currentColor", "stroke-opacity": share ? ".15" : ".6" }));
    svg.append(draw("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, word(most * share)));
  }
  points.forEach((point, no) => {
    if (known(point.now)) {
      const bar = draw("rect", { x: LEFT + no * slot + slot * 0.15, y: FOOT - up(point.now), width: slot * 0.7, height: up(point.now), fill: "#0072b2", rx: 2 });
      bar.append(draw("title", {}, `${point.name}: ${word(point.now)}`));
      svg.append(bar);
    }
    if (known(point.before)) {
      const y = FOOT - up(point.before);
      svg.append(draw("line", { x1: LEFT + no * slot, x2: LEFT + (no + 1) * slot, y1: y, y2: y, stroke: "#d55e00", "stroke-width": 2 }));
    }
    const isLast = no === points.length - 1;
    if ((points.length - 1 - no) % every === 0) svg.append(draw("text", { x: isLast ? WIDTH : LEFT + (no + 0.5) * slot, y: FOOT + 18, "text-anchor": isLast ? "end" : "middle" }, short(point.name.slice(5) || point.name, 10)));
  });
  return svg;
}

function bars(points, name) {
  const WIDTH = wide(), LABEL = Math.min(280, WIDTH * 0.42), LONGEST = WIDTH - LABEL - 90;
  const most = Math.max(1, ...points.map((point) => point.now).filter(known));
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${points.length * 26}`, role: "img", "aria-label": name, "font-size": "12", fill: "currentColor" });
  points.forEach((point, no) => {
    const width = known(point.now) ? (LONGEST * Math.max(0, point.now)) / most : 0;
    if (known(point.now)) {
      const bar = draw("rect", { x: LABEL, y: no * 26 + 4, width, height: 16, fill: "#0072b2", rx: 2 });
      bar.append(draw("title", {}, `${point.name}: ${word(point.now)}`));
      svg.append(bar);
    }
    svg.append(draw("text", { x: LABEL - 8, y: no * 26 + 17, "text-anchor": "end" }, fitting(point.name, LABEL - 8)), draw("text", { x: LABEL + 6 + width, y: no * 26 + 17 }, word(point.now)));
  });
  return svg;
}

function show(view) {
  const names = list(view.columns).map(text), rows = list(view.rows).filter(Array.isArray);
  const labels = view.names && typeof view.names === "object" ? view.names : {};
  const label = (name) => text(labels[name]) || name;
  const isFigure = (no) => rows.every((row) => row[no] === null || typeof row[no] === "number") && rows.some((row) => typeof row[no] === "number");
  const main = names.map((_, no) => no).filter((no) => !beside(names[no]));
  const figures = main.filter(isFigure), keys = main.filter((no) => !isFigure(no));
  const at = (row, name) => row[names.indexOf(name)];
  const parts = [make("h1", "", text(view.source)), make("p", "meta", span(view.period), view.compared ? ` · ${SAID.compared} ${span(view.compared)}` : "")];
  const totals = view.totals && typeof view.totals === "object" ? view.totals : {};
  const sums = Object.keys(totals).filter((name) => !beside(name));
  if (sums.length) parts.push(make("div", "legend", sums.map((name) => make("span", "", `${label(name)} ${word(totals[name])} `, make("span", "meta", signed(totals[name + "_change_percent"]))))));
  if (rows.length && figures.length && keys.length) {
    const name = names[figures[0]];
    const points = rows.map((row) => ({ name: moment(text(row[keys[0]])), now: row[figures[0]], before: at(row, name + "_before") }));
    parts.push(make("h2", "", label(name)));
    if (points.every((one) => isTime(one.name))) parts.push(columns(points.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(-POINTS), label(name)));
    else parts.push(bars(points.slice(0, BARS), label(name)));
  }
  if (rows.length) {
    const shownColumns = [...keys, ...figures.slice(0, METRICS)];
    const head = make("tr", "", shownColumns.map((no) => make("th", "", label(names[no]))));
    const cell = (row, no) => make("td", "", keys.includes(no) ? short(word(row[no]), 80) : word(row[no]), " ", make("span", "meta", signed(at(row, names[no] + "_change_percent"))));
    parts.push(make("table", "", make("thead", "", head), make("tbody", "", rows.slice(0, ROWS).map((row) => make("tr", "", shownColumns.map((no) => cell(row, no)))))));
  } else parts.push(make("p", "meta", SAID.noFigures));
  for (const caveat of list(view.caveats)) parts.push(make("p", "finding", text(caveat)));
  if (rows.length > ROWS || view.next_cursor) parts.push(make("p", "meta", SAID.more));
  const file = opens(SAID.file, view.csv_url, "quiet");
  if (file) parts.push(make("div", "row", file));
  return parts;
}
