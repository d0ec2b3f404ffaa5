// Tabs that do not fit wait in a menu at the end; the one in force is always in sight. On a phone the row scrolls instead.

function fit(tabs) {
  const more = tabs.querySelector(":scope > [data-more]");
  const all = [...tabs.children].filter((tab) => tab !== more && !tab.matches("[popover]"));
  for (const tab of all) tab.classList.remove("is-over");
  more.hidden = true;
  if (matchMedia("(max-width: 640px)").matches || tabs.scrollWidth <= tabs.clientWidth + 1) return;
  more.hidden = false;
  const movable = all.filter((tab) => !tab.hasAttribute("aria-current") && !("keep" in tab.dataset)).reverse();
  const over = [];
  for (const tab of movable) {
    if (tabs.scrollWidth <= tabs.clientWidth + 1) break;
    tab.classList.add("is-over");
    over.unshift(tab);
  }
  const menu = document.getElementById(more.getAttribute("popovertarget"));
  menu.replaceChildren(
    ...over.map((tab) => {
      const item = tab.cloneNode(true);
      item.classList.remove("is-over");
      item.setAttribute("role", "menuitem");
      return item;
    }),
  );
}

crm.each("[data-tabs]", (tabs) => {
  let width = -1;
  new ResizeObserver(() => {
    if (tabs.clientWidth === width) return;
    width = tabs.clientWidth;
    fit(tabs);
  }).observe(tabs);
  // Not scrollIntoView: the next Tab would start from there.
  const here = tabs.querySelector("[aria-current]");
  if (here) tabs.scrollLeft = here.offsetLeft + here.offsetWidth - tabs.clientWidth + 24;
});

// A record's parts on a phone: data-part="facts" shows the elements of data-phone-part="facts". Without scripts all are there.
const showPart = (key) => {
  for (const part of document.querySelectorAll("[data-phone-part]")) part.classList.toggle("is-away", part.dataset.phonePart !== key);
};
crm.on("click", "[data-part]", (event, tab) => {
  event.preventDefault();
  for (const other of tab.parentElement.querySelectorAll("[data-part]")) other.removeAttribute("aria-current");
  tab.setAttribute("aria-current", "true");
  showPart(tab.dataset.part);
});
crm.each("[data-part][aria-current]", (tab) => showPart(tab.dataset.part));
