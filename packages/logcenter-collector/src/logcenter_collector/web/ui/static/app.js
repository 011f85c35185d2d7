// Comfort only: every page works without it.

// A filter takes effect as soon as it is chosen, and empty filters stay out of the URL.
for (const form of document.querySelectorAll("form.filters")) {
  form.addEventListener("change", (event) => {
    if (event.target.type !== "search") form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    for (const field of form.elements) field.disabled = field.value === "" && field.name !== "";
  });
}
// Coming back by the browser's own button must not find them disabled.
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form.filters [name]")) field.disabled = false;
});

// The clipboard exists on HTTPS and on this machine only; elsewhere there is no button.
for (const block of navigator.clipboard ? document.querySelectorAll("pre[data-copy]") : []) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy quiet";
  button.textContent = block.dataset.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.textContent);
    button.textContent = block.dataset.copied;
  });
  block.before(button);
}

// What a page leaves for the next one in this tab. A browser may forbid that, and then nothing is kept.
function keep(name, value) {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // nothing is kept
  }
}

function kept(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null;
  }
}

// Ctrl-Enter sends what is being written, by the form's first button.
addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("main textarea")) return;
  event.preventDefault();
  event.target.form.requestSubmit(event.target.form.querySelector("button:not([disabled])"));
});

// A form that was sent leads back to its page: to the place where one was, and, by keyboard, to what one was at.
function rowsOf(page) {
  return [...page.querySelectorAll("[data-issue]")];
}

addEventListener("submit", (event) => {
  if (event.target.method !== "post" || event.defaultPrevented) return;
  const rows = rowsOf(document);
  const at = rows.findIndex((row) => row.contains(document.activeElement) || row.querySelector(":checked"));
  keep("sent", {
    path: location.pathname,
    at: Date.now(),
    scrolled: scrollY,
    byKeyboard: document.activeElement?.matches(":focus-visible") ?? false,
    part: event.target.closest("section[id], article[id]")?.id ?? "",
    row: at,
    issue: rows[at]?.dataset.issue ?? "",
  });
});

function comeBack(sent) {
  const alarm = document.querySelector("main [role=alert]");
  const rows = rowsOf(document);
  const row = rows.find((row) => row.dataset.issue === sent.issue) ?? rows[Math.min(sent.row, rows.length - 1)];
  const part = document.getElementById(sent.part);
  const target = alarm ?? row?.querySelector(".what a") ?? part?.querySelector("h2");
  if (!alarm && location.pathname === sent.path) scrollTo({ top: sent.scrolled, behavior: "instant" });
  if (!target || !(alarm || sent.byKeyboard)) return;
  if (!target.matches("a")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest" });
}

const sent = kept("sent");
keep("sent", null);
if (sent && Date.now() - sent.at < 60_000) {
  // An address with a part of the page takes the focus away once more, when the page is loaded.
  if (location.hash) addEventListener("load", () => comeBack(sent));
  else comeBack(sent);
}
