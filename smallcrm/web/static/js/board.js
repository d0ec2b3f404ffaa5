// Boards and months: cards dragged between lists. A list is data-lane="value" inside data-board; a card carries data-move-url and
// gets {to, before} posted. 204: it stays there. 200 or 422 with a fragment: what the stage asks, opened under the card. Anything
// else: it goes back. Keys on a card: arrows walk; Shift and an arrow moves it a list further, or up and down. In a month
// (data-board="month") Alt and an arrow take it a day or a week along; it is sent once the keys rest.

const lanes = (board) => [...board.querySelectorAll("[data-lane]")];
const cards = (lane) => [...lane.querySelectorAll(":scope > [data-move-url], :scope > [data-card]")];

async function moved(card, lane, back) {
  const next = card.nextElementSibling;
  const body = new URLSearchParams({ to: lane.dataset.lane, before: next?.dataset.id || "" });
  card.classList.add("is-busy");
  const answer = await crm.fetch(card.dataset.moveUrl, { method: "POST", body, headers: { "HX-Request": "true" } });
  card.classList.remove("is-busy");
  if (!answer) return back();
  const type = answer.headers.get("Content-Type") || "";
  const html = answer.status === 204 ? "" : await answer.text();
  const asks = type.includes("text/html") && (answer.ok || answer.status === 422) && html.trim() !== "";
  if (!answer.ok && !asks) {
    back();
    crm.toast({ text: crm.trouble(answer.status, type, html), tone: "bad" });
    return undefined;
  }
  const trigger = answer.headers.get("HX-Trigger");
  if (trigger && trigger.startsWith("{")) for (const [name, detail] of Object.entries(JSON.parse(trigger))) crm.fire(card, name, detail);
  if (asks) return ask(card, html, back);
  crm.say(crm.word("moved", { to: lane.dataset.name || lane.dataset.lane }));
  crm.fire(lane, "moved");
  return undefined;
}

// What the stage requires, right under the card; data-cancel takes the card back.
function ask(card, html, back) {
  const holder = crm.element("div");
  card.after(holder);
  card.classList.add("lift");
  htmx.swap(holder, html, { swapStyle: "innerHTML", settleDelay: 0 });
  const end = () => {
    holder.remove();
    card.classList.remove("lift");
  };
  holder.addEventListener("click", (event) => {
    if (!event.target.closest("[data-cancel]")) return;
    end();
    back();
    card.focus();
  });
  holder.addEventListener("keydown", (event) => event.key === "Escape" && !crm.composing(event) && holder.querySelector("[data-cancel]")?.click());
  holder.addEventListener("htmx:afterRequest", (event) => event.detail.successful && event.detail.requestConfig.verb === "post" && end());
  (holder.querySelector("input:not([type=hidden]), select, textarea") || holder.querySelector("button"))?.focus();
}

const placeOf = (card) => {
  const [lane, next] = [card.parentElement, card.nextElementSibling];
  return () => (next && next.parentElement === lane ? next.before(card) : lane.append(card));
};

crm.each("[data-board]", (board) => {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  crm.vendor("sortable").then(() => {
    for (const lane of lanes(board)) {
      let back = null;
      Sortable.create(lane, {
        ...crm.sortable,
        animation: still ? 0 : 120,
        group: board.dataset.board || "board",
        draggable: "[data-move-url]",
        filter: "button, input, select, textarea, label",
        preventOnFilter: false,
        onStart: (event) => (back = placeOf(event.item)),
        onMove: (event) => {
          for (const other of lanes(board)) other.closest(".lane")?.classList.toggle("is-over", other === event.to);
        },
        onEnd: (event) => {
          for (const other of lanes(board)) other.closest(".lane")?.classList.remove("is-over");
          if (event.from !== event.to || event.oldIndex !== event.newIndex) moved(event.item, event.to, back);
        },
      });
    }
  });
});

crm.on("keydown", "[data-board] :is([data-move-url], [data-card])", (event, card) => {
  if (event.target !== card || event.ctrlKey || event.metaKey || event.altKey) return;
  const board = card.closest("[data-board]");
  const [all, lane] = [lanes(board), card.parentElement];
  const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const along = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!sideways && !along) return;
  event.preventDefault();
  const index = cards(lane).indexOf(card);
  if (!event.shiftKey) {
    const beside = sideways ? all.slice(all.indexOf(lane) + sideways, sideways > 0 ? undefined : all.indexOf(lane)) : [];
    const filled = (sideways > 0 ? beside : all.slice(0, all.indexOf(lane)).reverse()).find((one) => cards(one).length);
    const to = along ? cards(lane)[index + along] : filled && cards(filled)[Math.min(index, cards(filled).length - 1)];
    if (to) to.focus();
    return;
  }
  if (!card.dataset.moveUrl) return;
  const target = sideways ? all[all.indexOf(lane) + sideways] : lane;
  const other = along ? cards(lane)[index + along] : null;
  if (!target || (along && !other)) return;
  const back = placeOf(card);
  if (along) along < 0 ? other.before(card) : other.after(card);
  else target.prepend(card);
  card.focus();
  moved(card, target, back);
});

let waiting = 0;
let started = null; // { card, back }: where it lay before the first key
crm.on("keydown", "[data-board=month] [data-move-url]", (event, card) => {
  const by = event.altKey && { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
  if (!by) return;
  event.preventDefault();
  const all = lanes(card.closest("[data-board]"));
  const target = all[all.indexOf(card.parentElement) + by];
  if (!target) return;
  if (started?.card !== card) started = { card, from: card.parentElement, back: placeOf(card) };
  const held = document.activeElement;
  target.append(card);
  held.focus();
  crm.say(target.dataset.name);
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const { from, back } = started;
    started = null;
    if (card.parentElement !== from) moved(card, card.parentElement, back);
  }, 700);
});
