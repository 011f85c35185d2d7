// The clipboard and the keyboard of an issue's page. Comfort only. Needs app.js and palette.js.

// The same text is a link away. The clipboard exists on HTTPS and on this machine only.
for (const button of navigator.clipboard ? document.querySelectorAll("button[data-copies]") : []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const answer = await fetch(button.dataset.copies);
    if (!answer.ok) return;
    await navigator.clipboard.writeText(await answer.text());
    button.textContent = button.dataset.copied;
  });
}

const focusOn = (selector) => document.querySelector(selector)?.focus();
const toOccurrence = (rel) => document.querySelector(`.stepping a[rel=${rel}]`)?.click();

// The list that one came from, if it was in this tab: its next issue, its previous one, and itself.
const list = kept("list");
const issue = location.pathname.split("/")[2];

function goOn(by) {
  const at = list?.issues.indexOf(issue) ?? -1;
  const next = at < 0 ? undefined : list.issues[at + by];
  if (next) location.assign(`/issues/${next}`);
}

function goBack() {
  keep("sent", { at: Date.now(), byKeyboard: true, issue, row: list?.issues.indexOf(issue) ?? -1 });
  location.assign(list?.url ?? "/");
}

listenFor({
  m: () => focusOn("#move [name=reason]"),
  a: () => focusOn("#care [name=assignee]:not([type=hidden])"),
  c: () => focusOn("#comments [name=text]"),
  n: () => toOccurrence("next"),
  p: () => toOccurrence("previous"),
  j: () => goOn(1),
  k: () => goOn(-1),
  u: goBack,
});

// Escape leaves a field, so that keys are keys again.
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && event.target.matches("main input, main textarea, main select")) {
    event.target.blur();
  }
});
