// Ticking rows, a range with Shift, all of them on request, and over several pages of the same list.
// <table data-select="key of the list and its filter" data-bulk="#bulk">; the ticks carry form="bulk" and name="id".
// In the bar: data-count="{n} selected", data-select-everything (its data-count too), data-select-none; an act of data-two is
// offered when exactly two are ticked.

crm.each("[data-select]", (table) => {
  const bar = document.querySelector(table.dataset.bulk || "[data-bulk-bar]");
  if (!bar) return;
  const key = `select:${location.pathname}:${table.dataset.select}`;
  const boxes = () => [...table.querySelectorAll("input[type=checkbox][name=id]")];
  const all = table.querySelector("[data-select-all]");
  const everything = bar.querySelector("[data-select-everything]");
  const count = bar.querySelector("[data-count]");
  const elsewhere = new Set(crm.session.get(key) || []); // ticked on other pages of this list
  let every = false;
  let anchor = null;

  const keepHidden = (ids) => {
    for (const old of bar.querySelectorAll("input[data-kept]")) old.remove();
    for (const id of ids) bar.append(crm.element("input", { type: "hidden", name: "id", value: id, "data-kept": true }));
    bar.querySelector("input[name=everything]").value = every ? "1" : "";
  };

  function show() {
    const here = boxes();
    const ticked = here.filter((box) => box.checked);
    const ids = new Set(here.map((box) => box.value));
    const others = [...elsewhere].filter((id) => !ids.has(id));
    const n = ticked.length + others.length;
    for (const box of here) box.closest("tr, [data-row]").classList.toggle("sel", box.checked);
    if (all) {
      all.checked = here.length > 0 && ticked.length === here.length;
      all.indeterminate = ticked.length > 0 && !all.checked;
    }
    bar.hidden = n === 0;
    count.textContent = every ? everything.dataset.count : crm.fill(count.dataset.count, { n: crm.number(n) });
    for (const pair of bar.querySelectorAll("[data-two]")) pair.hidden = every || n !== 2;
    if (everything) everything.hidden = every || everything.dataset.all === String(n);
    keepHidden(every ? [] : others);
    const keep = [...others, ...ticked.map((box) => box.value)];
    if (keep.length && keep.length <= 5000) crm.session.set(key, keep);
    else crm.session.drop(key);
    crm.fire(table, "selected", { n, every });
  }

  // The list's exact count has come (listing.exact_count).
  document.addEventListener("total", (event) => {
    if (!everything || !table.isConnected) return;
    everything.dataset.all = String(event.detail.n);
    everything.dataset.count = event.detail.all;
    everything.textContent = event.detail.label;
    show();
  });

  function tick(box, checked) {
    box.checked = checked;
    if (!checked) elsewhere.delete(box.value);
  }

  table.addEventListener("click", (event) => {
    const box = event.target.closest?.("input[type=checkbox][name=id]");
    if (!box) return;
    const here = boxes();
    if (event.shiftKey && anchor && anchor.isConnected) {
      const [from, to] = [here.indexOf(anchor), here.indexOf(box)].sort((a, b) => a - b);
      for (const one of here.slice(from, to + 1)) tick(one, box.checked);
    }
    anchor = box;
    if (!box.checked) {
      elsewhere.delete(box.value);
      every = false;
    }
    show();
  });
  if (all) {
    all.addEventListener("change", () => {
      for (const box of boxes()) tick(box, all.checked);
      every = false;
      show();
    });
  }
  if (everything) {
    everything.addEventListener("click", () => {
      for (const box of boxes()) box.checked = true;
      every = true;
      show();
      crm.say(count.textContent);
      count.focus?.();
    });
  }
  const none = () => {
    for (const box of boxes()) box.checked = false;
    elsewhere.clear();
    every = false;
    show();
  };
  crm.on("click", "[data-select-none]", (event, button) => bar.contains(button) && none());
  // The act went through: what was ticked has been dealt with.
  bar.addEventListener("submit", () => crm.session.drop(key));
  document.addEventListener("deselect", none);
  // Further rows of the same list have come in.
  table.addEventListener("htmx:afterSettle", () => {
    if (every) for (const box of boxes()) box.checked = true;
    show();
  });

  for (const box of boxes()) if (elsewhere.has(box.value)) box.checked = true;
  show();
});
