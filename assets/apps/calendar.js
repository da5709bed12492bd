// The posts that list_posts answered with, by week and day.
const APP = "calendar";
const WEEKS_MAX = 6;

const monday = (date) => {
  const at = new Date(date + "T00:00:00Z");
  at.setUTCDate(at.getUTCDate() - ((at.getUTCDay() + 6) % 7));
  return at;
};
const iso = (at) => at.toISOString().slice(0, 10);

function entry(post, withTime) {
  const time = withTime ? make("time", "", clock(post.at)) : null;
  const said = text(post.text) || SAID.untitled;
  return make("p", "post", dot(text(post.status)), time, said, " ", make("span", "meta", list(post.accounts).map(text).join(" ")));
}

function week(begin, posts) {
  const days = [];
  for (let no = 0; no < 7; no++) {
    const at = new Date(begin);
    at.setUTCDate(at.getUTCDate() + no);
    const date = iso(at);
    const own = posts.filter((post) => text(post.at).slice(0, 10) === date);
    own.sort((a, b) => (text(a.at) < text(b.at) ? -1 : 1));
    const kind = "day" + (own.length ? "" : " empty") + (date === SAID.today ? " today" : "");
    days.push(make("div", kind, make("h3", "", day(date)), own.map((post) => entry(post, true))));
  }
  return make("div", "week", days);
}

function show(view) {
  const posts = list(view.posts);
  const timed = posts.filter((post) => /^\d{4}-\d\d-\d\d/.test(text(post.at)));
  const rest = posts.filter((post) => !timed.includes(post));
  const parts = [make("h1", "", SAID.calendar)];
  const begins = [...new Set(timed.map((post) => iso(monday(text(post.at).slice(0, 10)))))].sort();
  for (const begin of begins.slice(-WEEKS_MAX)) {
    const inside = timed.filter((post) => iso(monday(text(post.at).slice(0, 10))) === begin);
    parts.push(make("h2", "", SAID.week + " " + day(begin)), week(new Date(begin + "T00:00:00Z"), inside));
  }
  if (rest.length) parts.push(make("h2", "", SAID.untimed), make("div", "card", rest.map((post) => entry(post, false))));
  if (!posts.length) parts.push(make("p", "meta", SAID.none));
  if (view.next_cursor) parts.push(make("p", "meta", SAID.more));
  parts.push(make("div", "row", opens(SAID.open, SAID.home + "calendar", "quiet")));
  return parts;
}
