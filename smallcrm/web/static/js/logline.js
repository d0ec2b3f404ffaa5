// The log line: a text area over its mirror. hx-* on the form fetches the preview while one types; a fragment with
// [data-under] brings the marks for the mirror, shown only while they still fit what stands there. Enter keeps it, Shift-Enter
// is a new line, Escape leaves. A control of data-fix in the preview takes its name once it is changed, and the preview is asked anew.

crm.each("[data-logline]", (form) => {
  const text = form.querySelector("textarea");
  const under = form.querySelector(".under");
  const mirror = () => {
    under.textContent = `${text.value}\n`;
  };
  text.addEventListener("input", mirror);
  text.addEventListener("keydown", (event) => {
    if (crm.composing(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (text.value.trim()) form.requestSubmit();
    } else if (event.key === "Escape") text.blur();
  });
  const show = () => {
    const marks = form.querySelector("[data-under]");
    if (marks && marks.textContent === text.value) under.replaceChildren(...[...marks.childNodes].map((node) => node.cloneNode(true)), "\n");
  };
  form.addEventListener("change", (event) => {
    const field = event.target.closest("[data-fix]");
    if (!field) return;
    field.name = field.dataset.fix;
    const pop = field.closest("[popover]");
    if (pop) crm.closePop(pop);
    text.focus();
    crm.fire(text, "fixed");
  });
  form.addEventListener("htmx:afterSettle", show);
  form.addEventListener("reset", () => setTimeout(mirror));
  mirror();
  show();
});

// What was kept changes the record's figures too.
document.addEventListener("activities-changed", () => {
  const panel = document.querySelector("[data-log-panel]");
  if (!panel || !document.querySelector("dl.figs")) return;
  htmx.ajax("GET", panel.dataset.logPanel, { source: panel, target: "dl.figs", select: "dl.figs", swap: "outerHTML" }).catch(() => {});
});
