// data-copy="text" copies the text, data-copy-from="#id" the value or words of that element. A page on a NAS often has no HTTPS,
// where browsers keep the clipboard from scripts: then the old way, and where that fails too, the text is selected.

async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // refused: the old way
    }
  }
  const area = crm.element("textarea", { class: "vh", readonly: true });
  area.value = text;
  (crm.modal() || document.body).append(area);
  area.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } finally {
    area.remove();
  }
  return done;
}

crm.on("click", "[data-copy], [data-copy-from]", async (event, button) => {
  event.preventDefault();
  const source = button.dataset.copyFrom ? document.querySelector(button.dataset.copyFrom) : null;
  const text = source ? (source.value ?? source.textContent.trim()) : button.dataset.copy;
  const done = await copy(text);
  button.focus();
  if (!done && source && source.select) source.select();
  crm.toast({ text: crm.word(done ? "copied" : "copy-failed"), tone: done ? "good" : "warn" });
});
