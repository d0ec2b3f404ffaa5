// Menus (role="menu" in a popover): arrows, Home, End, first letters; an item closes it unless it says data-stay.

const items = (menu) => [...menu.querySelectorAll("[role^=menuitem]")].filter((item) => crm.shown(item));

const letters = { typed: "", at: 0 };
function startingWith(menu, key) {
  const now = Date.now();
  letters.typed = now - letters.at > 700 ? key : letters.typed + key;
  letters.at = now;
  const wanted = letters.typed.toLocaleLowerCase();
  return items(menu).find((item) => item.textContent.trim().toLocaleLowerCase().startsWith(wanted));
}

crm.on("keydown", "[role=menu]", (event, menu) => {
  const all = items(menu);
  const here = all.indexOf(document.activeElement);
  const go = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 };
  let to = null;
  if (event.key in go) to = all[(go[event.key] + all.length) % all.length];
  else if (event.key === "Tab") return crm.closePop(menu);
  else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) to = startingWith(menu, event.key);
  else return undefined;
  event.preventDefault();
  event.stopPropagation();
  if (to) to.focus();
  return undefined;
});

crm.on("keydown", "[popovertarget][aria-haspopup=menu]", (event, button) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const menu = document.getElementById(button.getAttribute("popovertarget"));
  if (!menu || crm.popOpen() === menu) return;
  event.preventDefault();
  crm.openPop(menu, button);
  if (event.key === "ArrowUp") items(menu).pop()?.focus();
});

crm.on("click", "[role=menu] [role^=menuitem]", (event, item) => {
  if (!("stay" in item.dataset)) crm.closePop(item.closest("[role=menu]"));
});
