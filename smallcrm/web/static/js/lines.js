// The lines of a document. <table data-lines> with a <template data-line>; data-line-add adds one (as does Enter in the last),
// data-line-drop takes one away. Fields are named lines-N-field; N is renewed so that the order seen is the order sent.

crm.each("[data-lines]", (table) => {
  const body = table.querySelector("tbody");
  const blank = table.querySelector("template[data-line]");
  const prefix = table.dataset.lines;
  const least = Number(table.dataset.least || 1);
  const rows = () => [...body.querySelectorAll("tr")];

  const number = (row, n) => {
    for (const field of row.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
      for (const name of ["name", "id", "for", "aria-describedby"]) {
        const value = field.getAttribute(name);
        if (value) field.setAttribute(name, value.replace(new RegExp(`${prefix}-(\\d+|__n__)-`, "g"), `${prefix}-${n}-`));
      }
    }
  };
  const renumber = () => {
    rows().forEach(number);
    crm.fire(table, "input");
    crm.fire(table, "lines");
  };
  const add = () => {
    const row = blank.content.firstElementChild.cloneNode(true);
    number(row, rows().length);
    body.append(row);
    crm.scan(row);
    if (window.htmx) htmx.process(row);
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    renumber();
  };
  crm.on("click", "[data-line-add]", (event, button) => {
    if (button.dataset.lineAdd === prefix || table.contains(button)) add();
  });
  table.addEventListener("click", (event) => {
    const drop = event.target.closest("[data-line-drop]");
    if (!drop) return;
    const row = drop.closest("tr");
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    while (rows().length < least) body.append(blank.content.firstElementChild.cloneNode(true));
    renumber();
    (next && next.querySelector("[data-line-drop]"))?.focus();
  });
  table.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || crm.composing(event) || !event.target.matches("input") || event.target.closest(".ts-wrapper")) return;
    event.preventDefault();
    const row = event.target.closest("tr");
    if (row === rows().pop()) add();
    else row.nextElementSibling.querySelector("input:not([type=hidden])")?.focus();
  });
  body.addEventListener("sorted", renumber);
});
