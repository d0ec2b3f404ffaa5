// What changes by itself: an element of data-poll (seconds, 60 when empty) gets the event `poll` for hx-trigger="poll". Quiet
// while the tab is hidden, and asked at once when one comes back; over when the session is.

const due = new WeakMap();
let over = false;
document.addEventListener("crm:signed-out", () => (over = true));

crm.each("[data-poll]", (element) => due.set(element, Date.now() + every(element)));

function every(element) {
  return (Number(element.dataset.poll) || 60) * 1000;
}

function look() {
  if (over || document.hidden) return;
  for (const element of document.querySelectorAll("[data-poll]")) {
    if (Date.now() < (due.get(element) || 0)) continue;
    due.set(element, Date.now() + every(element));
    crm.fire(element, "poll");
  }
}
setInterval(look, 1000);
document.addEventListener("visibilitychange", look);
crm.look = look;
