// Rows one walks through with the keyboard: data-rows holds elements of data-row. J and K or the arrows move, Enter opens,
// X ticks, and any other letter presses the row's element of that data-key (E done, M move, L log).

const rowsOf = (list) => [...list.querySelectorAll("[data-row]")].filter(crm.shown);
const focused = () => document.activeElement?.closest?.("[data-row]") || null;
let last = null; // { list, index } of the row in focus, to find one's place again after a swap

crm.each("[data-rows]", (list) => {
  const only = rowsOf(list)[0];
  for (const row of list.querySelectorAll("[data-row]")) row.tabIndex = row === only ? 0 : -1;
});
crm.each("[data-row]", (row) => {
  if (!row.hasAttribute("tabindex")) row.tabIndex = -1;
});

function goTo(row) {
  const list = row.closest("[data-rows]");
  for (const other of list.querySelectorAll("[data-row][tabindex='0']")) other.tabIndex = -1;
  row.tabIndex = 0;
  row.focus();
  row.scrollIntoView({ block: "nearest" });
}

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  const list = row && row.closest("[data-rows]");
  last = list ? { list, index: rowsOf(list).indexOf(row), own: event.target === row } : null;
});

// A row was done and swapped away: stay where one was.
document.addEventListener("htmx:afterSettle", () => {
  if (!last || document.activeElement !== document.body) return;
  const list = last.list.isConnected ? last.list : document.getElementById(last.list.id);
  const rows = list ? rowsOf(list) : [];
  if (rows.length) goTo(rows[Math.min(last.index, rows.length - 1)]);
});

function step(by) {
  const row = focused();
  if (!row) {
    const start = [...document.querySelectorAll("[data-rows]")].map((list) => rowsOf(list)[0]).find(Boolean);
    if (start) goTo(start);
    return Boolean(start);
  }
  // Lists that follow each other (today's groups) are one walk.
  const all = [...document.querySelectorAll("[data-rows] [data-row]")].filter(crm.shown);
  const to = all[all.indexOf(row) + by];
  if (to) goTo(to);
  return true;
}

// Whether a key was for the row in focus, or for the walk.
crm.rowKey = (key, event) => {
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  const row = focused();
  if (!row) return false;
  const onRow = event.target === row;
  if (onRow && (event.key === "ArrowDown" || event.key === "ArrowUp")) return step(event.key === "ArrowDown" ? 1 : -1);
  if (onRow && (event.key === "ArrowRight" || event.key === "ArrowLeft")) return crm.stepCell(row, event.key === "ArrowRight" ? 1 : -1);
  if (onRow && event.key === "Enter") {
    const link = row.querySelector("[data-row-open]") || row.querySelector("a[href]");
    if (link) link.click();
    return Boolean(link);
  }
  if (key === "x") {
    const box = row.querySelector("input[type=checkbox][name=id]");
    if (box) box.click();
    return Boolean(box);
  }
  const act = key.length === 1 ? row.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
  if (act) act.click();
  return Boolean(act);
};
