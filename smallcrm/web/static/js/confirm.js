// data-confirm="Delete 3 customers?" on a button or link asks first. data-confirm-note says what follows, data-confirm-ok is
// the word on the button, data-confirm-type a word to type for what cannot be undone.

crm.confirm = ({ text, note = "", ok = "", type = "", stay = "", bad = false }) =>
  new Promise((answer) => {
    const dialog = document.getElementById("confirm");
    const [field, go] = [dialog.querySelector("[data-confirm-field]"), dialog.querySelector("[data-confirm-go]")];
    const input = field.querySelector("input");
    dialog.querySelector("[data-confirm-text]").textContent = text;
    dialog.querySelector("[data-confirm-say]").textContent = note;
    dialog.querySelector("[data-confirm-stay]").textContent = stay || crm.word("cancel");
    go.textContent = ok || crm.word("yes");
    go.classList.toggle("b-bad", bad);
    field.hidden = !type;
    field.querySelector("label").textContent = crm.word("type-to-confirm", { word: type });
    input.value = "";
    const check = () => (go.disabled = Boolean(type) && input.value.trim() !== type);
    check();
    input.oninput = check;
    dialog.returnValue = "";
    dialog.onclose = () => answer(dialog.returnValue === "go");
    go.onclick = () => dialog.close("go");
    input.onkeydown = (event) => {
      if (event.key !== "Enter" || crm.composing(event)) return;
      event.preventDefault(); // or it would press the button that gets the focus back
      if (!go.disabled) dialog.close("go");
    };
    crm.openDialog(dialog);
    (type ? input : go).focus();
  });

let agreed = null;
document.addEventListener(
  "click",
  async (event) => {
    const element = event.target instanceof Element ? event.target.closest("[data-confirm]") : null;
    if (!element || element === agreed || element.getAttribute("aria-disabled") === "true") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { confirm: text, confirmNote: note, confirmOk: ok, confirmType: type } = element.dataset;
    const bad = element.matches(".b-bad, .bad");
    if (!(await crm.confirm({ text, note, ok, type, bad }))) return;
    agreed = element;
    element.click();
    agreed = null;
  },
  true,
);

// A forbidden act does nothing; its reason stands beside it.
document.addEventListener(
  "click",
  (event) => {
    const element = event.target instanceof Element ? event.target.closest("[aria-disabled=true]") : null;
    if (!element) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
