// What an act did, in words, with Undo: ten seconds, and for as long as the pointer or focus is on it. Z undoes the newest.
// Comes with the page (data-toast), by the event `toast` (HX-Trigger: {"toast": {text, tone, undo, url, act}}) or crm.toast().

const STAYS = 10000;

const region = () => {
  const toasts = document.getElementById("toasts");
  const top = crm.modal() || document.body;
  if (toasts.parentElement !== top && toasts.dataset.fixed === undefined) top.append(toasts); // above an open dialog
  return toasts;
};

crm.each("[data-toast]", (toast) => {
  const stays = toast.dataset.toast === "stay";
  let timer = 0;
  const go = () => {
    const next = toast.contains(document.activeElement) ? document.getElementById("main") : null;
    toast.remove();
    if (next) next.focus();
  };
  const stop = () => clearTimeout(timer);
  const start = () => {
    stop();
    if (!stays) timer = setTimeout(() => (document.hidden || toast.matches(":hover, :focus-within") ? start() : go()), STAYS);
  };
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("focusout", start);
  const close = toast.querySelector("[data-toast-close]");
  if (close) close.addEventListener("click", go);
  const back = toast.querySelector("input[name=next]");
  if (back) back.value = location.pathname + location.search;
  start();
});

crm.toast = ({ text, tone = "good", undo = "", url = "", act = "", stay = tone === "bad" }) => {
  const toasts = region();
  const toast = crm.clone("toast");
  toast.dataset.toast = stay ? "stay" : "";
  toast.querySelector("[data-toast-text]").textContent = text;
  const bad = tone === "bad" || tone === "warn";
  toast.prepend(crm.icon(bad ? "alert-triangle" : "check"));
  const form = toast.querySelector("form");
  if (undo) {
    form.action = undo;
    form.querySelector("input[name=csrf_token]").value = crm.meta("csrf-token");
  } else form.remove();
  const link = toast.querySelector("[data-toast-link]");
  if (url) {
    link.href = url;
    link.textContent = act || crm.word("open");
  } else link.remove();
  const most = 3;
  while (toasts.childElementCount >= most) toasts.firstElementChild.remove();
  toasts.append(toast);
  crm.scan(toast);
  return toast;
};

document.addEventListener("toast", (event) => crm.toast({ text: event.detail.value, ...event.detail }));

crm.undoNewest = () => {
  const undos = document.querySelectorAll("#toasts [data-undo]");
  const newest = undos[undos.length - 1];
  if (newest) newest.click();
  return Boolean(newest);
};
