// Drafts: <form data-draft="customers/new"> is kept in this tab while one types, and offered back when the page was left, the
// session ended or the server went away. A draft that was sent is dropped by the first page that is not its own form.

const PREFIX = "draft:";
const keyOf = (form) => PREFIX + form.dataset.draft;

const fields = (form) =>
  [...form.elements].filter((field) => field.name && field.name !== "csrf_token" && !field.disabled && !["hidden", "password", "file", "submit", "button"].includes(field.type));

function values(form) {
  const all = {};
  for (const field of fields(form)) {
    const list = (all[field.name] = all[field.name] || []);
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) list.push(field.value);
    } else if (field.multiple) list.push(...[...field.selectedOptions].map((option) => [option.value, option.textContent]));
    else if (field.matches("select")) list.push([field.value, field.selectedOptions[0]?.textContent || ""]);
    else list.push(field.value);
  }
  return all;
}

function choose(field, pairs) {
  const ts = field.tomselect;
  for (const [value, text] of pairs) {
    if (ts) ts.addOption({ id: value, text });
    else if (value && ![...field.options].some((option) => option.value === value)) field.append(new Option(text, value));
  }
  const chosen = pairs.map(([value]) => value);
  if (ts) ts.setValue(field.multiple ? chosen : chosen[0] || "");
  else for (const option of field.options) option.selected = chosen.includes(option.value);
}

function fill(form, all) {
  const seen = {};
  for (const field of fields(form)) {
    const list = all[field.name];
    if (!list) continue;
    const i = (seen[field.name] = (seen[field.name] ?? -1) + 1);
    if (field.type === "checkbox" || field.type === "radio") field.checked = list.includes(field.value);
    else if (field.matches("select")) choose(field, field.multiple ? list : list.slice(i, i + 1));
    else if (field.tomselect) field.tomselect.setValue(String(list[i] ?? "").split(";").map((word) => word.trim()).filter(Boolean));
    else if (i < list.length) field.value = list[i];
    crm.fire(field, "input");
    crm.fire(field, "change");
  }
}

function offer(form, draft) {
  const back = crm.element("button", { type: "button", class: "b b-s" }, crm.word("bring-back"));
  const forget = crm.element("button", { type: "button", class: "b b-s b-q" }, crm.word("forget"));
  const bar = crm.element("div", { class: "draft", role: "status" }, crm.icon("history"), crm.element("span", { class: "grow" }, crm.word("draft-found")), back, forget);
  back.onclick = () => {
    fill(form, draft.values);
    bar.remove();
  };
  forget.onclick = () => {
    crm.session.drop(keyOf(form));
    bar.remove();
  };
  (form.querySelector("[data-draft-here]") || form).prepend(bar);
}

function greet(form) {
  const draft = crm.session.get(keyOf(form));
  if (!draft) return;
  if ("errors" in form.dataset) return; // the server gave back what was typed
  if (JSON.stringify(draft.values) === JSON.stringify(values(form))) return;
  if (draft.expired) {
    fill(form, draft.values);
    crm.toast({ text: crm.word("draft-back") });
  } else offer(form, draft);
}

crm.each("form[data-draft]", (form) => {
  let timer = 0;
  let touched = false;
  let state = {}; // { sent } or { expired }
  const keep = () => {
    clearTimeout(timer);
    timer = 0;
    if (touched && form.isConnected) crm.session.set(keyOf(form), { values: values(form), ...state });
  };
  const become = (next) => {
    state = next;
    keep();
  };
  setTimeout(() => greet(form), 450); // after the pickers
  const soon = (event) => {
    if (!event.isTrusted && event.type === "input") return;
    touched = true;
    state = {};
    clearTimeout(timer);
    timer = setTimeout(keep, 350);
  };
  for (const type of ["input", "change", "picked"]) form.addEventListener(type, soon);
  form.addEventListener("submit", () => become({ sent: true }));
  form.addEventListener("reset", () => crm.session.drop(keyOf(form)));
  addEventListener("pagehide", () => timer && keep());
  document.addEventListener("crm:signed-out", () => become({ expired: true }));
});

// A fragment form that was taken (2xx) needs its draft no longer; a refused one is not sent after all.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.requestConfig?.elt; // detail.elt is what still stands on the page
  if (!(form instanceof HTMLFormElement) || !form.dataset.draft) return;
  const draft = crm.session.get(keyOf(form));
  if (event.detail.successful) crm.session.drop(keyOf(form));
  else if (draft) crm.session.set(keyOf(form), { ...draft, sent: false });
});

// Sent ones, once another page has come.
const here = new Set([...document.querySelectorAll("form[data-draft]")].map(keyOf));
if (!location.pathname.startsWith("/login")) {
  for (const key of crm.session.keys()) {
    if (key.startsWith(PREFIX) && !here.has(key) && crm.session.get(key)?.sent) crm.session.drop(key);
  }
}
crm.each("[data-draft-done]", (element) => crm.session.drop(PREFIX + element.dataset.draftDone));
