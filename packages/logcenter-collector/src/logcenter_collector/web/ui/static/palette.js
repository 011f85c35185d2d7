// The palette (Ctrl-K), dialogs that buttons open, and keys. Comfort only: every entry is a link that stands elsewhere too.

const palette = document.getElementById("palette");
const box = palette.querySelector("input");
const options = [...palette.querySelectorAll("[role=option]")];
let chosen = null;

for (const button of document.querySelectorAll("[data-show]")) {
  button.hidden = false;
  button.addEventListener("click", () => show(button.dataset.show));
}

function show(id) {
  document.querySelector("dialog[open]")?.close();
  document.getElementById(id)?.showModal();
  if (id === "palette") {
    box.value = "";
    narrow();
  }
}

function choose(option) {
  chosen?.removeAttribute("aria-selected");
  chosen = option ?? null;
  chosen?.setAttribute("aria-selected", "true");
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) box.setAttribute("aria-activedescendant", chosen.id);
  else box.removeAttribute("aria-activedescendant");
}

function fill(option, name, text, href) {
  option.textContent = option.dataset[name].replace(/\{(text|n)\}/, () => text);
  option.dataset.href = href;
  option.hidden = text === "";
}

function narrow() {
  const text = box.value.trim();
  const words = text.toLowerCase().split(/\s+/);
  const number = /^#?([0-9]{1,15})$/.exec(text)?.[1] ?? "";
  for (const option of options) {
    if ("search" in option.dataset) fill(option, "search", text, `/?q=${encodeURIComponent(text)}`);
    else if ("number" in option.dataset) fill(option, "number", number, `/issues/${number}`);
    else option.hidden = !words.every((word) => option.textContent.toLowerCase().includes(word));
  }
  const shown = options.filter((option) => !option.hidden);
  choose(shown.find((option) => "number" in option.dataset) ?? shown.find((option) => !("search" in option.dataset)) ?? shown[0]);
}

function step(by) {
  const shown = options.filter((option) => !option.hidden);
  choose(shown[(shown.indexOf(chosen) + by + shown.length) % shown.length]);
}

options.forEach((option, number) => {
  option.id = `palette-${number}`;
  option.addEventListener("click", () => location.assign(option.dataset.href));
});
box.addEventListener("input", narrow);
box.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown") step(1);
  else if (event.key === "ArrowUp") step(-1);
  else if (event.key === "Enter" && chosen) location.assign(chosen.dataset.href);
  else return;
  event.preventDefault();
});

addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (palette.open) palette.close();
    else show("palette");
    return;
  }
  const id = isTyping(event) ? "" : { "?": "keys", "/": document.getElementById("q") ? "" : "palette" }[event.key];
  if (!id || !document.getElementById(id)) return;
  event.preventDefault();
  show(id);
});

// A click beside a dialog closes it.
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

function isTyping(event) {
  const where = event.target;
  return (
    event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]") !== null ||
    (where instanceof Element && where.matches("textarea, select, input:not([type=checkbox])"))
  );
}

// What single keys do on a page, while nobody types.
function listenFor(keys) {
  addEventListener("keydown", (event) => {
    const act = isTyping(event) ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
