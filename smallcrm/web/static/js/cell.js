// One value edited where it stands. data-cell is the address of its editor: GET brings a small form, its POST brings the
// value back (200) or the form with its error (422). Enter saves, Escape restores, Tab saves and opens the next one.

let open = null; // { cell, before, start }
let saving = null; // the promise of the save on its way

// In a list the cell names its field alone; the row says whose it is.
const address = (cell) => {
  const name = cell.dataset.cell;
  return name.startsWith("/") ? name : `${cell.closest("[data-base]").dataset.base}/cell/${name}`;
};

const cells = (row) => [...row.querySelectorAll("[data-cell]")].filter(crm.shown);
const entries = (form) => new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)])).toString();

async function edit(cell) {
  if (open && open.cell === cell) return;
  if (open && !(await save())) return;
  const before = [...cell.childNodes].map((node) => node.cloneNode(true));
  if (cell.matches("td")) cell.style.minWidth = `${cell.offsetWidth}px`;
  await crm.into(cell, address(cell));
  const form = cell.querySelector("form");
  if (!form || !cell.isConnected) {
    cell.style.minWidth = "";
    return;
  }
  open = { cell, before, start: entries(form) };
  cell.classList.add("edit");
  const frame = cell.closest(".gridbox");
  cell.classList.toggle("edit-end", Boolean(frame) && form.getBoundingClientRect().right > frame.getBoundingClientRect().right);
  const input = form.querySelector(".ts-control input, input:not([type=hidden]), select, textarea");
  if (input) {
    input.focus();
    if (input.select && input.type !== "date") input.select();
  }
}
crm.editCell = edit;

function close() {
  const { cell } = open;
  cell.classList.remove("edit", "edit-end", "is-saving");
  cell.style.minWidth = "";
  open = null;
}

function cancel() {
  const { cell, before } = open;
  cell.replaceChildren(...before);
  close();
  focusOn(cell);
}

const focusOn = (cell) => {
  const pen = cell.querySelector(".pen");
  if (!pen && !cell.hasAttribute("tabindex")) cell.tabIndex = -1;
  (pen || cell).focus({ preventScroll: true });
};

// Whether the value is in; false keeps the editor open with its error.
function save() {
  saving = saving || send().finally(() => (saving = null));
  return saving;
}

async function send() {
  const { cell, before, start } = open;
  const form = cell.querySelector("form");
  if (!form) return close() || true;
  if (!form.reportValidity()) return false;
  const values = entries(form);
  if (values === start) {
    cell.replaceChildren(...before);
    close();
    return true;
  }
  cell.classList.add("is-saving");
  const answer = await crm.fetch(form.getAttribute("action") || address(cell), {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true" },
    body: values,
    keepalive: true, // a click on a link must not lose it
  });
  cell.classList.remove("is-saving");
  if (!answer) return false;
  const html = await answer.text();
  const isHtml = (answer.headers.get("Content-Type") || "").includes("text/html");
  if (!answer.ok && !(isHtml && [409, 412, 422].includes(answer.status))) {
    crm.toast({ text: crm.trouble(answer.status, answer.headers.get("Content-Type"), html), tone: "bad" });
    return false;
  }
  htmx.swap(cell, html, { swapStyle: "innerHTML", settleDelay: 0 });
  tell(cell, answer.headers.get("HX-Trigger"));
  if (!answer.ok) {
    const again = cell.querySelector("[aria-invalid=true], input:not([type=hidden]), select, textarea");
    if (again) again.focus();
    return false;
  }
  const pen = before.find((node) => node instanceof Element && node.matches(".pen"));
  if (pen && !cell.querySelector(".pen")) cell.append(pen);
  close();
  cell.classList.add("is-saved");
  setTimeout(() => cell.classList.remove("is-saved"), 1300);
  return true;
}

function tell(cell, header) {
  if (!header) return;
  if (!header.startsWith("{")) crm.fire(cell, header);
  else for (const [type, detail] of Object.entries(JSON.parse(header))) crm.fire(cell, type, typeof detail === "object" ? detail : { value: detail });
}

// ---------------------------------------------------------------- opening

crm.on("click", "[data-cell]", (event, cell) => {
  if (cell.classList.contains("edit") || event.target.closest("a, button:not(.pen), input, label") || String(getSelection())) return;
  edit(cell);
});

// Arrow keys walk the cells of the row in focus.
crm.stepCell = (row, by) => {
  const all = cells(row);
  const to = all[by > 0 ? 0 : all.length - 1];
  if (to) focusOn(to);
  return Boolean(to);
};

crm.on("keydown", "td[data-cell]", (event, cell) => {
  if (event.target !== cell || crm.composing(event)) return;
  const row = cell.closest("[data-row]");
  const all = cells(row);
  const here = all.indexOf(cell);
  if (event.key === "Enter" || event.key === "F2") edit(cell);
  else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    const to = all[here + (event.key === "ArrowRight" ? 1 : -1)];
    if (to) focusOn(to);
    else row.focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
    const to = next && next.matches("[data-row]") ? cells(next)[here] : null;
    if (to) focusOn(to);
  } else if (event.key === "Escape") row.focus();
  else return;
  event.preventDefault();
});

// ---------------------------------------------------------------- while open

async function saveAndGo(back) {
  const { cell } = open;
  const scope = cell.closest("[data-row], dl, table") || document;
  const all = cells(scope);
  const next = all[all.indexOf(cell) + (back ? -1 : 1)];
  if (!(await save())) return;
  if (next) edit(next);
  else focusOn(cell);
}

document.addEventListener("keydown", (event) => {
  if (!open || !open.cell.contains(event.target) || crm.composing(event) || event.defaultPrevented) return;
  const many = event.target.matches("textarea");
  if (event.key === "Escape") cancel();
  else if (event.key === "Tab") saveAndGo(event.shiftKey);
  else if (event.key === "Enter" && (!many || event.ctrlKey || event.metaKey)) {
    if (event.target.closest(".ts-wrapper.dropdown-active")) return;
    const { cell } = open;
    save().then((saved) => saved && focusOn(cell));
  } else return;
  event.preventDefault();
  event.stopPropagation();
});

crm.on("submit", "[data-cell] form", (event, form) => {
  event.preventDefault();
  event.stopPropagation();
  const cell = form.closest("[data-cell]");
  save().then((saved) => saved && focusOn(cell));
}, true);

document.addEventListener("pointerdown", (event) => {
  if (open && event.target instanceof Element && !open.cell.contains(event.target) && !event.target.closest("dialog, [popover], .toasts")) save();
});
