// The calendar: a click beside the events plans something there; what was in sight stays so when the calendar is drawn anew.

const planAt = (day, time) => crm.dialogFrom(`/activities/new?due=${day}${time ? `&at=${time}` : ""}`);

crm.on("click", "[data-calendar] [data-week] [data-date]", (event, day) => {
  if (event.target.closest("a, button") || event.defaultPrevented) return;
  const box = day.getBoundingClientRect();
  const half = Math.max(0, Math.min(47, Math.floor(((event.clientY - box.top) / box.height) * 48)));
  planAt(day.dataset.date, `${String(Math.floor(half / 2)).padStart(2, "0")}:${half % 2 ? "30" : "00"}`);
});
crm.on("click", "[data-calendar] [data-lane]", (event, lane) => {
  if (event.target === lane) planAt(lane.dataset.lane);
});

let scrolled = 0;
document.addEventListener("htmx:beforeSwap", (event) => {
  const grid = event.detail.target?.querySelector?.("[data-week]");
  if (grid) scrolled = grid.scrollTop;
});
document.addEventListener("htmx:load", (event) => {
  const grid = scrolled && event.detail.elt.matches?.("[data-calendar]") ? event.detail.elt.querySelector("[data-week]") : null;
  if (!grid) return;
  requestAnimationFrame(() => {
    grid.scrollTop = scrolled;
    scrolled = 0;
  });
});
