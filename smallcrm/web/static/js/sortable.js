// A list put in order by hand: <ol data-sortable> of items with a grip (a button of class grip). Dragged, or moved with the
// arrow keys on the grip. Its inputs are posted in the order they stand in; data-sortable="submit" posts the form at once.

const SHARED = { animation: 120, ghostClass: "is-ghost", chosenClass: "is-chosen", dragClass: "is-drag", delay: 120, delayOnTouchOnly: true };
crm.sortable = SHARED;

function moved(list) {
  crm.fire(list, "input");
  crm.fire(list, "sorted");
  if (list.dataset.sortable === "submit") list.closest("form")?.requestSubmit();
}

crm.each("[data-sortable]", (list) => {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  crm.vendor("sortable").then(() => {
    Sortable.create(list, { ...SHARED, animation: still ? 0 : 120, handle: ".grip", filter: ".is-fixed", preventOnFilter: false, onMove: (event) => !event.related.classList.contains("is-fixed"), onEnd: () => moved(list) });
  });
  list.addEventListener("keydown", (event) => {
    const grip = event.target.closest?.(".grip");
    if (!grip || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const item = [...list.children].find((child) => child.contains(grip));
    const other = event.key === "ArrowUp" ? item.previousElementSibling : item.nextElementSibling;
    if (!other || other.classList.contains("is-fixed")) return;
    if (event.key === "ArrowUp") other.before(item);
    else other.after(item);
    grip.focus();
    crm.say(crm.word("place", { n: [...list.children].indexOf(item) + 1, of: list.children.length }));
    moved(list);
  });
});
