// What was changed and is not saved yet, said where it stands: <form data-marked> marks inputs of data-was whose value differs,
// shows the .was beside them, and its [data-mark] while anything in the form differs.

crm.each("form[data-marked]", (form) => {
  const mark = form.querySelector("[data-mark]");
  const show = () => {
    let any = crm.isDirty(form);
    for (const input of form.querySelectorAll("input[data-was]")) {
      const changed = input.value.trim() !== input.dataset.was;
      input.classList.toggle("in-chg", changed);
      const was = input.parentElement.querySelector(".was");
      if (was) was.hidden = !changed;
      any = any || changed;
    }
    if (mark) mark.hidden = !any;
  };
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  form.addEventListener("picked", show);
  show();
});
