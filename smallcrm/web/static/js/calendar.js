// The calendar: where one may plan (data-calendar="plan"), a click beside the events plans something there; what was in sight, and in focus, stays so when the calendar is drawn anew.

const planAt = (day, time) => crm.dialogFrom(`/activities/new?due=${day}${time ? `&at=${time}` : ""}`);

crm.on("click", "[data-calendar=plan] [data-week] [data-date]", (event, day) => {
  if (event.target.closest("a, button") || event.defaultPrevented) return;
  const box = day.getBoundingClientRect();
  const half = Math.max(0, Math.min(47, Math.floor(((event.clientY - box.top) / box.height) * 48)));
  planAt(day.dataset.date, `${String(Math.floor(half / 2)).padStart(2, "0")}:${half % 2 ? "30" : "00"}`);
});
crm.on("click", "[data-calendar=plan] [data-lane]", (event, lane) => {
  if (event.target === lane) planAt(lane.dataset.lane);
});

let before = null; // { scrolled, id } of the calendar that is about to be replaced
document.addEventListener("htmx:beforeSwap", (event) => {
  const calendar = event.detail.target?.matches?.("[data-calendar]") ? event.detail.target : null;
  if (!calendar) return;
  const held = calendar.contains(document.activeElement) ? document.activeElement.closest("[data-id]") : null;
  before = { scrolled: calendar.querySelector("[data-week]")?.scrollTop, id: held?.dataset.id };
});
document.addEventListener("htmx:load", (event) => {
  if (!before || !event.detail.elt.matches?.("[data-calendar]")) return;
  const calendar = event.detail.elt;
  const { scrolled, id } = before;
  before = null;
  requestAnimationFrame(() => {
    const grid = calendar.querySelector("[data-week]");
    if (grid && scrolled !== undefined) grid.scrollTop = scrolled;
    if (id && (document.activeElement === document.body || !document.activeElement)) {
      calendar.querySelector(`a[data-id="${CSS.escape(id)}"], [data-id="${CSS.escape(id)}"] a`)?.focus({ preventScroll: true });
    }
  });
});
