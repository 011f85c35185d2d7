// Tells an open page what changes, by server-sent events. Comfort only: a page that is loaded again shows the same.
//
// A page takes part with one element: <div data-live="/live?…" data-after="NEWEST ISSUE" data-texts="{…}">.
// Rows are found by data-issue and their cells by data-live-part; nothing on the page moves.

const place = document.querySelector("[data-live]");
const title = document.title;
const fresh = new Set(); // issues that are not on the page: new ones, or such that came back
const busy = new Set(); // others that are not on the page and were reported again
let stream = null;
let after = place?.dataset.after ?? "";

const shown = () => [...document.querySelectorAll("[data-issue]")].map((row) => row.dataset.issue);
const part = (row, name) => row.querySelector(`[data-live-part="${name}"]`);

function setText(node, text) {
  if (node && node.textContent !== text) node.textContent = text;
}

function update(row, issue) {
  const count = part(row, "count");
  const pill = part(row, "status")?.querySelector(".pill");
  const time = part(row, "seen")?.querySelector("time");
  const back = part(row, "back");
  const muted = part(row, "muted");
  const care = part(row, "assignee")?.querySelector("span");
  const face = () => row.textContent + (muted?.hidden ?? "");
  const before = face();
  setText(count, issue.count);
  if (pill) {
    pill.className = `pill pill-${issue.status}`;
    setText(pill, issue.label);
    setText(part(row, "status").querySelector(".wire"), issue.status);
  }
  if (time) {
    setText(time, issue.ago);
    time.dateTime = issue.seen;
    time.title = issue.exactly;
  }
  if (back) {
    back.hidden = issue.back === "";
    setText(back, issue.back && `↺ ${issue.back}`);
  }
  if (muted) muted.hidden = !issue.muted;
  if (care) {
    care.className = issue.assignee ? "" : "nobody";
    care.title = issue.care;
    setText(care, issue.assignee || "–");
  }
  if (face() !== before) {
    row.classList.remove("changed");
    void row.offsetWidth; // so that the animation begins again
    row.classList.add("changed");
  }
}

function count(many, one, number) {
  return number === 1 ? one : many.replace("{n}", number);
}

function announce() {
  const bar = place.querySelector("[data-live-bar]");
  if (!bar) return;
  const texts = JSON.parse(place.dataset.texts);
  const said = [];
  if (fresh.size) said.push(count(texts.new, texts.new_one, fresh.size));
  if (busy.size && fresh.size) said.push(count(texts.more, texts.more_one, busy.size));
  else if (busy.size) said.push(count(texts.busy, texts.busy_one, busy.size));
  bar.hidden = said.length === 0;
  setText(bar, said.join(" · "));
  document.title = fresh.size ? `(${fresh.size}) ${title}` : title;
}

function hear(issues) {
  for (const issue of issues) {
    const row = document.querySelector(`[data-issue="${issue.id}"]`);
    if (row && "status" in issue) update(row, issue);
    else if (!row && issue.new) fresh.add(issue.id);
    else if (!row && !fresh.has(issue.id)) busy.add(issue.id);
  }
  for (const id of fresh) busy.delete(id);
  announce();
}

// A page that waits for the first report of a project: <p data-waiting-for="PROJECT"> with two parts.
function arrive(report) {
  for (const waiting of document.querySelectorAll("[data-waiting-for]")) {
    if (waiting.dataset.waitingFor !== report.project) continue;
    waiting.classList.add("arrived");
    for (const node of waiting.querySelectorAll("[data-when]")) node.hidden = node.dataset.when !== "arrived";
    for (const link of waiting.querySelectorAll("a[data-issue-link]")) link.href = `/issues/${report.issue}`;
  }
}

function listen() {
  const url = new URL(place.dataset.live, location);
  url.searchParams.set("after", after);
  url.searchParams.set("shown", shown().slice(0, 200).join(","));
  stream = new EventSource(url);
  const on = (name, react) =>
    stream.addEventListener(name, (event) => {
      after = event.lastEventId || after;
      react(JSON.parse(event.data));
    });
  stream.addEventListener("open", () => place.setAttribute("data-live-state", "open"));
  on("issues", hear);
  on("report", arrive);
}

function stop() {
  stream?.close();
  stream = null;
  place.removeAttribute("data-live-state");
}

if (place && "EventSource" in window) {
  // A browser has six connections to a host for all its tabs: only those that somebody sees may hold one.
  const follow = () => {
    if (document.hidden) stop();
    else if (!stream) listen();
  };
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", follow);
  follow();
}
