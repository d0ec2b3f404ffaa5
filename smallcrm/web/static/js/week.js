// A week or a day on its grid: events dragged to another quarter hour or day, their end pulled, or moved with Alt and the arrows
// (Alt-Shift: the end). data-move-url gets {date, start, minutes} posted; a refused move goes back.

const QUARTERS = 96;
const number = (element, kind) => Number([...element.classList].find((name) => new RegExp(`^${kind}-\\d+$`).test(name))?.split("-")[1] ?? 0);

function put(element, kind, value) {
  for (const name of [...element.classList]) if (new RegExp(`^${kind}-\\d+$`).test(name)) element.classList.remove(name);
  element.classList.add(`${kind}-${value}`);
}

const clock = (quarter) => `${String(Math.floor(quarter / 4)).padStart(2, "0")}:${String((quarter % 4) * 15).padStart(2, "0")}`;

const stateOf = (event) => ({ day: event.parentElement, at: number(event, "at"), long: Math.max(1, number(event, "for")) });

function show(event, { day, at, long }) {
  if (event.parentElement !== day) day.append(event);
  put(event, "at", at);
  put(event, "for", Math.min(long, QUARTERS - at));
  const time = event.querySelector("time");
  if (time) time.textContent = clock(at);
}

const same = (a, b) => a.day === b.day && a.at === b.at && a.long === b.long;

async function send(event, before) {
  const now = stateOf(event);
  if (same(now, before)) return;
  const body = new URLSearchParams({ date: now.day.dataset.date, start: clock(now.at), minutes: now.long * 15 });
  const answer = await crm.fetch(event.dataset.moveUrl, { method: "POST", body, headers: { "HX-Request": "true" } });
  if (answer && answer.ok) {
    const trigger = answer.headers.get("HX-Trigger");
    if (trigger && trigger.startsWith("{")) for (const [name, detail] of Object.entries(JSON.parse(trigger))) crm.fire(event, name, detail);
    crm.say(`${now.day.getAttribute("aria-label")}, ${clock(now.at)}`);
    return;
  }
  show(event, before);
  if (answer) crm.toast({ text: crm.trouble(answer.status, answer.headers.get("Content-Type"), await answer.text()), tone: "bad" });
}

function drag(event, down) {
  const before = stateOf(event);
  const pulling = down.target.closest(".ev-size") !== null;
  const quarter = before.day.getBoundingClientRect().height / QUARTERS;
  let on = false;
  const move = (moved) => {
    const by = Math.round((moved.clientY - down.clientY) / quarter);
    if (!on && Math.hypot(moved.clientX - down.clientX, moved.clientY - down.clientY) < 5) return;
    on = true;
    event.classList.add("is-drag");
    if (pulling) return show(event, { ...before, long: Math.max(1, Math.min(QUARTERS - before.at, before.long + by)) });
    const days = [...event.closest("[data-week]").querySelectorAll("[data-date]")];
    const over = days.find((day) => {
      const box = day.getBoundingClientRect();
      return moved.clientX >= box.left && moved.clientX < box.right;
    });
    return show(event, { day: over || event.parentElement, at: Math.max(0, Math.min(QUARTERS - before.long, before.at + by)), long: before.long });
  };
  const end = (up) => {
    for (const [type, listener] of [["pointermove", move], ["pointerup", end], ["pointercancel", end], ["keydown", escape]]) document.removeEventListener(type, listener, true);
    event.classList.remove("is-drag");
    if (!on) return;
    // The click that follows a drag opens nothing.
    event.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
    if (up.type === "pointerup") send(event, before);
    else show(event, before);
  };
  const escape = (key) => key.key === "Escape" && end(key);
  document.addEventListener("pointermove", move, true);
  document.addEventListener("pointerup", end, true);
  document.addEventListener("pointercancel", end, true);
  document.addEventListener("keydown", escape, true);
}

crm.on("pointerdown", "[data-week] [data-move-url]", (event, element) => {
  if (event.button || event.pointerType === "touch" || matchMedia("(max-width: 640px)").matches) return;
  drag(element, event);
});
crm.on("dragstart", "[data-week] [data-move-url]", (event) => event.preventDefault());

let timer = 0;
let started = null;
crm.on("keydown", "[data-week] [data-move-url]", (event, element) => {
  if (!event.altKey || !event.key.startsWith("Arrow")) return;
  event.preventDefault();
  const now = stateOf(element);
  if (!started || started.element !== element) started = { element, before: now };
  const days = [...element.closest("[data-week]").querySelectorAll("[data-date]")];
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key] || 0;
  const to = { ArrowLeft: -1, ArrowRight: 1 }[event.key] || 0;
  const day = days[days.indexOf(now.day) + to] || now.day;
  if (event.shiftKey) show(element, { ...now, long: Math.max(1, Math.min(QUARTERS - now.at, now.long + by)) });
  else show(element, { ...now, day, at: Math.max(0, Math.min(QUARTERS - now.long, now.at + by)) });
  element.focus();
  clearTimeout(timer);
  timer = setTimeout(() => {
    send(element, started.before);
    started = null;
  }, 700);
});

// Working hours in sight.
crm.each("[data-week]", (grid) => {
  const from = Number(grid.dataset.from || 8) * 4;
  const day = grid.querySelector("[data-date]");
  if (day) grid.scrollTop = (day.getBoundingClientRect().height / QUARTERS) * from - 10;
});
