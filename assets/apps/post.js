// One post as each account would show it, and the way to the page where a person approves it. Nothing here approves.
const APP = "post";

// The account's picture of it, which came with the answer.
function picture(one) {
  if (!/^[A-Za-z0-9+\/]+=*$/.test(text(one?.png))) return null;
  const image = make("img", "preview");
  image.alt = text(one.alt);
  image.src = "data:image/png;base64," + one.png;
  return image;
}

function variant(one, drawn) {
  const account = make("p", "meta", "@", text(one.account?.handle), " · ", SAID.networks[text(one.account?.network)] ?? text(one.account?.network));
  const segments = list(one.segments).map((segment) => [
    make("p", "text", text(segment.text)),
    segment.poll ? make("p", "meta", list(segment.poll.options).map(text).join(" / ")) : null,
    make("p", "count meta" + (segment.length > segment.length_max ? " over" : ""), `${Number(segment.length)} / ${Number(segment.length_max)}`,
      segment.media ? ` · ${SAID.media} ${Number(segment.media)}` : ""),
  ]);
  const options = list(one.options).map((option) => make("p", "meta", text(option)));
  const findings = list(one.findings).map((finding) => make("p", "finding" + (finding.severity === "error" ? " error" : ""), text(finding.message)));
  return make("section", "card", account, picture(drawn), segments, options, findings);
}

function delivery(one) {
  const receipts = list(one.receipts).filter((receipt) => receipt.permalink).map((receipt) => opens(SAID.look, receipt.permalink, "quiet"));
  return make("div", "", make("p", "", make("strong", "", "@", text(one.account?.handle)), " ", text(one.wording), " ", text(one.reason)),
    make("p", "meta", text(one.shown_at)), make("div", "row", receipts));
}

function show(view, answered, pictures) {
  const post = view.post ?? {};
  const approval = text(answered.approval_url) || text(post.approval_url);
  const status = SAID.statuses[text(post.status)] ?? text(post.status);
  const tried = answered.dry_run || answered.status === "dry_run";
  const parts = [make("h1", "", dot(text(post.status)), tried ? SAID.tried : post.status ? status : SAID.calendar)];
  // What everybody sees: a yes is given on a page of ours, by a person who is signed in there.
  if (approval) {
    const button = approval.startsWith(SAID.home + "approvals/") ? opens(SAID.approve, approval) : null;
    parts.push(make("div", "note", make("p", "", SAID.waits), answered.at ? make("p", "meta", day(answered.at), " ", clock(answered.at), " ", text(answered.at).slice(19)) : null, make("div", "row", button)));
  }
  if (post.third_party_text) parts.push(make("p", "note", SAID.strange));
  list(answered.twice).forEach((twice) => parts.push(make("p", "finding", text(twice))));
  list(answered.problems).forEach((problem) => parts.push(make("p", "finding error", `${problem.no}: ${text(problem.why)}`)));
  list(post.variants).forEach((one, no) => parts.push(variant(one, pictures[no])));
  const deliveries = list(post.deliveries);
  if (deliveries.length) parts.push(make("h2", "", SAID.times), make("section", "card", deliveries.map(delivery)));
  if (post.more_to_come) parts.push(make("p", "meta", "+ " + Number(post.more_to_come)));
  if (post.next_cursor) parts.push(make("p", "meta", SAID.more));
  parts.push(make("div", "row", opens(SAID.open, post.url, "quiet")));
  return parts;
}
