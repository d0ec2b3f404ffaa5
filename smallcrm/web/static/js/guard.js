// Forms that must not lose what was typed: <form data-guard> asks before one leaves with something unsaved.

const starts = new WeakMap();
const leaving = new WeakSet();

const state = (form) =>
  [...new FormData(form)]
    .filter(([name]) => name !== "csrf_token")
    .map(([name, value]) => `${name}=${value instanceof File ? value.name : value}`)
    .join("&");

crm.isDirty = (form) => starts.has(form) && !leaving.has(form) && state(form) !== starts.get(form);
crm.forget = (form) => leaving.add(form);
crm.askToLeave = () =>
  crm.confirm({ text: crm.word("leave"), note: crm.word("leave-note"), ok: crm.word("leave-ok"), stay: crm.word("stay") });

crm.each("form[data-guard]", (form) => {
  // A form that came back with errors holds what was typed already: it is unsaved from the start.
  setTimeout(() => starts.set(form, form.dataset.guard === "unsaved" ? "" : state(form)), 400); // pickers dress up first
  form.addEventListener("submit", () => leaving.add(form));
  form.addEventListener("reset", () => setTimeout(() => starts.set(form, state(form))));
});
// htmx forms stay on the page: refused ones are unsaved again.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (form instanceof HTMLFormElement && !event.detail.successful) leaving.delete(form);
});

addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("form[data-guard]")].some(crm.isDirty)) event.preventDefault();
});
// Signing in again brings the draft back: nothing to ask.
document.addEventListener("crm:signed-out", () => {
  for (const form of document.querySelectorAll("form[data-draft][data-guard]")) crm.forget(form);
});
