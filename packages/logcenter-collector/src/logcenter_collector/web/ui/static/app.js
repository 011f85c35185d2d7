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
