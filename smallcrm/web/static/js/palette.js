// The palette: records, pages and commands in one list. GET /palette?q= answers {"groups": [{"label", "items": [{"title",
// "marks": [[from, to]], "sub", "grade", "icon", "url", "key", "dialog", "more"}]}]}; commands of the page itself
// (data-command) are found here. Arrows move, Enter opens, Ctrl-Enter in a new tab, the right arrow opens the entry's `more`.

const dialog = document.getElementById("palette");
const WAIT = 110;
let shown = []; // { node, item } in the order seen
let at = 0;
let running = null;
let timer = 0;
let asked = null;

const input = () => dialog.querySelector("input");
const list = () => dialog.querySelector("[role=listbox]");

crm.openPalette = (text = "") => {
  if (!dialog || dialog.open) return Boolean(dialog);
  dialog.showModal();
  input().value = text;
  input().focus();
  ask(0);
  return true;
};

crm.on("click", "[data-palette]", (event) => {
  event.preventDefault();
  crm.openPalette();
});

// The title with what was found in it marked; positions count characters, not UTF-16 units.
function marked(title, marks = []) {
  const letters = [...title];
  const nodes = [];
  let from = 0;
  for (const [start, end] of marks) {
    nodes.push(letters.slice(from, start).join(""), crm.element("mark", {}, letters.slice(start, end).join("")));
    from = end;
  }
  return [...nodes, letters.slice(from).join("")];
}

function row(item) {
  const end = crm.element("span", { class: "x" });
  if (item.sub) end.append(crm.element("span", {}, item.sub));
  if (item.grade) end.append(crm.element("span", { class: `grade grade-${item.grade}` }, item.grade));
  for (const key of item.key ? item.key.split(" ") : []) end.append(crm.element("kbd", {}, key.toUpperCase()));
  const id = `palette-${shown.length}`;
  const node = crm.element("div", { class: "pal-r", role: "option", id, "aria-selected": "false" });
  if (item.icon) node.append(crm.icon(item.icon));
  node.append(crm.element("span", { class: "cut" }, ...marked(item.title, item.marks)), end);
  shown.push({ node, item });
  return node;
}

function draw(groups, query) {
  shown = [];
  const nodes = [];
  for (const { label, items } of groups) {
    if (!items.length) continue;
    const group = crm.element("div", { role: "group", "aria-label": label }, crm.element("div", { class: "pal-g", "aria-hidden": "true" }, label));
    for (const item of items) group.append(row(item));
    nodes.push(group);
  }
  list().replaceChildren(...nodes);
  dialog.querySelector("[data-palette-say]").textContent = shown.length || !query ? "" : crm.word("nothing", { q: query });
  crm.say(shown.length ? crm.word("results", { n: crm.number(shown.length) }) : "");
  choose(0);
}

function choose(index) {
  at = shown.length ? (index + shown.length) % shown.length : 0;
  shown.forEach(({ node }, i) => {
    node.classList.toggle("on", i === at);
    node.setAttribute("aria-selected", i === at);
  });
  if (shown[at]) {
    shown[at].node.scrollIntoView({ block: "nearest" });
    input().setAttribute("aria-activedescendant", shown[at].node.id);
  } else input().removeAttribute("aria-activedescendant");
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

const ofThisPage = (query) =>
  [...document.querySelectorAll("[data-command]")]
    .filter((element) => crm.shown(element) && plain(element.dataset.command).includes(plain(query)))
    .slice(0, 6)
    .map((element) => ({ title: element.dataset.command, icon: element.dataset.commandIcon, key: element.dataset.key || element.dataset.hotkey || "", element }));

async function search() {
  const query = input().value.trim();
  if (query === asked) return;
  asked = query;
  if (running) running.abort();
  running = new AbortController();
  const here = ofThisPage(query);
  const local = here.length ? [{ label: crm.word("this-page"), items: here }] : [];
  const answer = await crm.fetch(`/palette?q=${encodeURIComponent(query)}`, { signal: running.signal });
  if (asked !== query) return;
  if (!answer || !answer.ok) {
    draw(local, "");
    dialog.querySelector("[data-palette-say]").textContent = answer ? crm.word("went-wrong") : "";
    return;
  }
  const body = await crm.json(answer);
  if (body && asked === query) draw([...body.groups, ...local], query);
}

function ask(wait = WAIT) {
  clearTimeout(timer);
  timer = setTimeout(search, wait);
}

function open(item, apart) {
  dialog.close();
  if (item.element) item.element.click();
  else if (apart) window.open(item.url, "_blank", "noopener");
  else if (item.dialog) crm.dialogFrom(item.url);
  else location.assign(item.url);
}

if (dialog) {
  dialog.addEventListener("close", () => {
    asked = null;
    clearTimeout(timer);
    list().replaceChildren();
  });
  input().addEventListener("input", () => ask());
  dialog.addEventListener("keydown", (event) => {
    if (crm.composing(event)) return;
    const here = shown[at];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(at + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Enter" && here) open(here.item, event.ctrlKey || event.metaKey);
    else if (event.key === "Enter" && input().value.trim()) location.assign(`/search?q=${encodeURIComponent(input().value.trim())}`);
    else if (event.key === "ArrowRight" && here && here.item.more && input().selectionStart === input().value.length) draw([{ label: here.item.title, items: here.item.more }], "");
    else return;
    event.preventDefault();
  });
  list().addEventListener("click", (event) => {
    const hit = shown.find(({ node }) => node.contains(event.target));
    if (hit) open(hit.item, event.ctrlKey || event.metaKey);
  });
  list().addEventListener("pointermove", (event) => {
    const index = shown.findIndex(({ node }) => node.contains(event.target));
    if (index >= 0 && index !== at) choose(index);
  });
}
