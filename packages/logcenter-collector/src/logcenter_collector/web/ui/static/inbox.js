// The keyboard and the checkboxes of the inbox. Comfort only: the page works without it. Needs palette.js.

const form = document.getElementById("bulk");
const search = document.getElementById("q");
const rows = [...document.querySelectorAll("[data-issue]")];
const picks = rows.map((row) => row.querySelector("[name=id]")).filter(Boolean);
const all = document.querySelector("[data-select-all]");
const counter = document.querySelector("[data-selected]");
const unselected = counter?.textContent;

function tally() {
  const number = picks.filter((pick) => pick.checked).length;
  if (counter) counter.textContent = number ? counter.dataset.selected.replace("{n}", number) : unselected;
  if (all) {
    all.checked = number > 0 && number === picks.length;
    all.indeterminate = number > 0 && number < picks.length;
  }
}

if (all) {
  all.disabled = false;
  all.addEventListener("change", () => {
    for (const pick of picks) pick.checked = all.checked;
    tally();
  });
}
form?.addEventListener("change", tally);
addEventListener("pageshow", tally); // the browser's own button brings back what was checked

// Enter in a field presses the button beside it.
form?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches(".way input, .way select")) return;
  event.preventDefault();
  event.target.closest(".way").querySelector("button").click();
});

const here = () => rows.findIndex((row) => row.contains(document.activeElement));

function go(by) {
  const to = rows[Math.min(Math.max(here() + by, 0), rows.length - 1)];
  to?.querySelector(".what a").focus({ preventScroll: true });
  to?.scrollIntoView({ block: "nearest" });
}

function toggle() {
  const pick = rows[here()]?.querySelector("[name=id]");
  if (!pick) return;
  pick.checked = !pick.checked;
  tally();
}

// Without a selection, the issue at hand is meant.
let begun = null;
function begin(name) {
  begun = rows[here()]?.querySelector(".what a") ?? picks.find((pick) => pick.checked);
  if (!picks.some((pick) => pick.checked)) toggle();
  if (picks.some((pick) => pick.checked)) form.querySelector(`[name=${name}]`)?.focus();
}

listenFor({
  j: () => go(1),
  k: () => go(here() < 0 ? 1 : -1),
  x: toggle,
  m: () => begin("to"),
  a: () => begin("assignee"),
  "/": () => search.select(),
});

// The page of an issue goes on from here to the next one, and back.
keep("list", { url: location.pathname + location.search, issues: rows.map((row) => row.dataset.issue) });

// Escape leaves what one is in, for where one was: the menu's heading, the issue that the form is about.
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open]")) return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
  if (document.activeElement?.matches(".way *")) begun?.focus();
  else if (document.activeElement === search) search.blur();
});

// One menu at a time, and none when the click goes elsewhere.
addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
