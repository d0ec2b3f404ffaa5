// Keys. data-hotkey="c" or "g t" on a link, button or field answers to that key anywhere; in a row, data-key does (rows.js).
// `/` and Ctrl-K open the palette, `?` lists what there is, Z undoes. One switch in that list turns single keys off.

const PAUSE = 1200; // how long "g" waits for its second key
let first = "";
let since = 0;

// The Latin letter of the key, whatever layout or input method is on.
const letter = (event) => {
  const { key, code } = event;
  if (key.length === 1 && key.charCodeAt(0) < 128) return key.toLowerCase();
  if (/^Key[A-Z]$/.test(code)) return code.slice(3).toLowerCase();
  return key;
};

// A field of a dialog that has just been closed may still hold the focus: nobody types there any more.
const typing = (element) => crm.typing(element) && crm.shown(element);

const isOff = () => crm.local.get("keys") === "off";

function press(wanted) {
  for (const element of document.querySelectorAll("[data-hotkey]")) {
    if (element.dataset.hotkey !== wanted || (!crm.shown(element) && !element.closest(".rail"))) continue;
    if (crm.typing(element)) element.focus();
    else element.click();
    return true;
  }
  return false;
}

function answer(key, event) {
  if (since && Date.now() - since < PAUSE && press(`${first} ${key}`)) return true;
  since = 0;
  if (crm.rowKey(key, event)) return true;
  if (key === "/") return crm.openPalette();
  if (key === "?") return showKeys();
  if (key === "z") return crm.undoNewest();
  if (document.querySelector(`[data-hotkey^="${CSS.escape(key)} "]`)) {
    [first, since] = [key, Date.now()];
    return true;
  }
  return press(key);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || crm.composing(event) || event.altKey) return;
  const key = letter(event);
  if ((event.ctrlKey || event.metaKey) && key === "k") {
    event.preventDefault();
    crm.openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || typing(event.target) || isOff() || crm.modal() || crm.popOpen()) return;
  if (answer(key, event)) event.preventDefault();
});

// ---------------------------------------------------------------- the list of them

const nameOf = (element) => {
  if (element.dataset.hotkeyLabel || element.getAttribute("aria-label") || element.title) {
    return element.dataset.hotkeyLabel || element.getAttribute("aria-label") || element.title;
  }
  const copy = element.cloneNode(true);
  for (const extra of copy.querySelectorAll("kbd, .n, svg")) extra.remove();
  return copy.textContent.trim();
};

const keyCaps = (keys) => keys.split(" ").map((key) => crm.element("kbd", {}, key.length === 1 ? key.toUpperCase() : key));

function showKeys() {
  const dialog = document.getElementById("keys");
  const list = dialog.querySelector("[data-keys-here]");
  const seen = new Set();
  list.replaceChildren();
  for (const element of document.querySelectorAll("[data-hotkey]")) {
    const keys = element.dataset.hotkey;
    if (seen.has(keys) || (!crm.shown(element) && !element.closest(".rail"))) continue;
    seen.add(keys);
    list.append(crm.element("div", {}, crm.element("dt", {}, nameOf(element)), crm.element("dd", {}, ...keyCaps(keys))));
  }
  crm.openDialog(dialog);
  return true;
}
crm.on("click", "[data-show-keys]", () => showKeys());

crm.each("[data-keys-switch]", (box) => {
  box.checked = !isOff();
  box.addEventListener("change", () => (box.checked ? crm.local.drop("keys") : crm.local.set("keys", "off")));
});
