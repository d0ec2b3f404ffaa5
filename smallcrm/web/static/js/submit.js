// Small things that forms do. data-autosubmit sends the form when the value changes (on a field or round several; data-autosubmit="#button": as by that one); data-set="#field" data-value puts a value
// there (quick answers); data-reveal shows a password; data-show-when="kind=company,branch" shows a part only then;
// Ctrl-Enter sends the form one types in; and no form is sent twice by a double click.

crm.on("change", "[data-autosubmit]", (event, field) => {
  const by = field.dataset.autosubmit ? document.querySelector(field.dataset.autosubmit) : null;
  event.target.form?.requestSubmit(by);
});

crm.on("click", "[data-set]", (event, button) => {
  const field = document.querySelector(button.dataset.set);
  field.value = button.dataset.value;
  crm.fire(field, "input");
  crm.fire(field, "change");
  field.focus();
});

crm.on("click", "[data-reveal]", (event, button) => {
  const field = document.querySelector(button.dataset.reveal);
  const hidden = field.type === "password";
  field.type = hidden ? "text" : "password";
  button.setAttribute("aria-pressed", hidden);
  button.querySelector("use").setAttribute("href", `${crm.meta("icons-url")}#${hidden ? "eye-off" : "eye"}`);
});

crm.each("[data-show-when]", (part) => {
  const form = part.closest("form");
  const [name, wanted] = part.dataset.showWhen.split("=");
  const values = wanted.split(",");
  const show = () => {
    const chosen = new FormData(form).getAll(name);
    part.hidden = !chosen.some((value) => values.includes(value));
    for (const field of part.querySelectorAll("input, select, textarea")) {
      field.disabled = part.hidden;
      field.tomselect?.[part.hidden ? "disable" : "enable"](); // a picker keeps its own state
    }
  };
  form.addEventListener("change", show);
  show();
});

crm.on("keydown", "form :is(input, textarea, select)", (event, field) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !field.closest("[data-cell]")) {
    event.preventDefault();
    field.form?.requestSubmit();
  }
});

// Plain forms: the page is about to change. htmx forms drop the second request by themselves.
crm.on("submit", "form", (event, form) => {
  if (event.defaultPrevented || form.method !== "post" || form.target || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  // A download leaves the page where it is; so does the way back to it.
  setTimeout(() => free(form), 4000);
});

function free(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
}
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));

crm.on("click", "[data-print]", () => window.print());
crm.on("click", "[data-back]", (event) => {
  if (history.length < 2) return;
  event.preventDefault();
  history.back();
});
