// Popovers beside their button: <button popovertarget="id">, <div popover id="id" class="pop">. Opening fires `open` on it, so
// that hx-trigger="open once" can fetch what it shows. Browsers without popovers get the same by a class.

const native = "popover" in HTMLElement.prototype;
const isOpen = (pop) => (native ? pop.matches(":popover-open") : pop.classList.contains("is-open"));
let current = null; // the innermost open one: { pop, opener }

function place(pop, opener) {
  const gap = 4;
  const edge = 8;
  const from = opener.getBoundingClientRect();
  pop.style.left = "0px";
  pop.style.top = "0px";
  const box = pop.getBoundingClientRect();
  const endAligned = from.left + box.width > innerWidth - edge;
  const left = endAligned ? from.right - box.width : from.left;
  const below = from.bottom + gap + box.height <= innerHeight - edge || from.top < box.height;
  const top = below ? from.bottom + gap : from.top - gap - box.height;
  pop.style.left = `${Math.max(edge, Math.min(left, innerWidth - box.width - edge))}px`;
  pop.style.top = `${Math.max(edge, Math.min(top, innerHeight - box.height - edge))}px`;
}

const focusFirst = (pop) => {
  const first = pop.querySelector("[autofocus], [role^=menuitem]:not([aria-disabled=true]), input:not([type=hidden]), select, textarea, a[href], button");
  if (first) first.focus();
};

crm.openPop = (pop, opener) => {
  if (isOpen(pop)) return;
  if (native) pop.showPopover();
  else {
    if (current && !pop.contains(opener) && !current.pop.contains(opener)) crm.closePop(current.pop);
    pop.classList.add("is-open");
  }
  current = { pop, opener };
  opener.setAttribute("aria-expanded", "true");
  place(pop, opener);
  crm.fire(pop, "open");
  focusFirst(pop);
};

crm.closePop = (pop) => {
  if (!isOpen(pop)) return;
  const hadFocus = pop.contains(document.activeElement);
  if (native) pop.hidePopover();
  else pop.classList.remove("is-open");
  const opener = current && current.pop === pop ? current.opener : null;
  fold(pop);
  if (hadFocus && opener && opener.isConnected) opener.focus();
  if (opener) current = null;
};

const fold = (pop) => {
  for (const opener of document.querySelectorAll(`[popovertarget="${pop.id}"]`)) opener.setAttribute("aria-expanded", "false");
};

crm.popOpen = () => (current && isOpen(current.pop) ? current.pop : null);

crm.each("[popovertarget]", (button) => {
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", (event) => {
    const pop = document.getElementById(button.getAttribute("popovertarget"));
    if (!pop) return;
    event.preventDefault();
    if (isOpen(pop)) crm.closePop(pop);
    else crm.openPop(pop, button);
  });
});

crm.each("[popover]", (pop) => {
  // Closed by the browser itself (Esc, a click elsewhere).
  pop.addEventListener("toggle", (event) => {
    if (event.newState === "closed") fold(pop);
  });
  pop.addEventListener("htmx:afterSettle", () => {
    if (!isOpen(pop) || !current) return;
    place(pop, current.opener);
    if (!pop.contains(document.activeElement) || document.activeElement === pop) focusFirst(pop);
  });
});

addEventListener("resize", () => crm.popOpen() && place(current.pop, current.opener));
document.addEventListener(
  "scroll",
  (event) => {
    const pop = crm.popOpen();
    if (pop && !pop.contains(event.target)) place(pop, current.opener);
  },
  { capture: true, passive: true },
);

if (!native) {
  document.addEventListener("pointerdown", (event) => {
    const pop = crm.popOpen();
    if (pop && !pop.contains(event.target) && !current.opener.contains(event.target)) crm.closePop(pop);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && crm.popOpen()) crm.closePop(crm.popOpen());
  });
}
