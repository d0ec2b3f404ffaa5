// Dialogs. data-open="#id" opens one of the page; <a data-dialog href> fetches its page into the shared one; data-close
// closes. Esc and a click beside it close too, asking first when something typed would be lost.
// The server may send the events `close-dialog` and `created` (HX-Trigger).

let opener = null;
let ended = false; // by the server, in the answer that is being worked through

crm.openDialog = (dialog) => {
  if (dialog.open) return;
  opener = document.activeElement;
  dialog.showModal();
  const first =
    dialog.querySelector("[autofocus]") ||
    dialog.querySelector(".dlg-b :is(input:not([type=hidden]), select, textarea):not(:disabled), .dlg-end .b-main") ||
    dialog.querySelector("button, a");
  if (first) first.focus();
};

crm.closeDialog = async (dialog) => {
  const form = [...dialog.querySelectorAll("form[data-guard]")].find((one) => crm.isDirty(one));
  if (form && !(await crm.askToLeave())) return;
  if (form) crm.forget(form);
  dialog.close();
};

// A page or fragment into the shared dialog; resolves once it is there.
crm.dialogFrom = (url) => crm.into(document.getElementById("dialog"), url, document.body);

crm.on("click", "[data-open]", (event, button) => {
  const dialog = document.querySelector(button.dataset.open);
  if (!dialog) return;
  event.preventDefault();
  crm.openDialog(dialog);
});

crm.on("click", "a[data-dialog]", (event, link) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  crm.dialogFrom(link.getAttribute("href")); // the attribute: a link in a drawing has no plain href
});

crm.on("click", "[data-close]", (event, button) => {
  const dialog = button.closest("dialog");
  const pop = button.closest("[popover]");
  if (pop) crm.closePop(pop);
  else if (dialog) crm.closeDialog(dialog);
  else if (button.closest(".alone")) history.length > 1 ? history.back() : location.assign("/");
});

document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = event.detail;
  if (target && target.id === "dialog" && target.firstElementChild && !ended) crm.openDialog(target);
});

crm.each("dialog", (dialog) => {
  let downOutside = false;
  const outside = (event) => {
    const box = dialog.getBoundingClientRect();
    return event.target === dialog && (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom);
  };
  dialog.addEventListener("pointerdown", (event) => (downOutside = outside(event)));
  dialog.addEventListener("click", (event) => {
    if (downOutside && outside(event)) crm.closeDialog(dialog);
  });
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    crm.closeDialog(dialog);
  });
  dialog.addEventListener("close", () => {
    if (dialog.id === "dialog") {
      dialog.replaceChildren();
      ended = false;
    }
    if (opener && opener.isConnected && !document.activeElement?.closest("dialog")) opener.focus();
  });
});

document.addEventListener("close-dialog", () => {
  const dialog = document.getElementById("dialog");
  if (!dialog.open) return;
  for (const form of dialog.querySelectorAll("form[data-guard]")) crm.forget(form);
  ended = true;
  dialog.close();
});
