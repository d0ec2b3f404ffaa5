// Ticks of a list of differences: data-tick-all="take" ticks every box of that name in its form; a row's own box dims its cells' boxes;
// data-diff-apply="Apply {n} of 46" on the button counts what is ticked.

function count(form) {
  const button = document.querySelector(`[data-diff-apply][form="${form.id}"]`);
  if (!button) return;
  let n = 0;
  for (const row of form.querySelectorAll('input[name="take"]')) {
    if (!row.checked) continue;
    const cells = [...row.closest("tr").querySelectorAll('input[name="cell"]')];
    n += cells.length ? cells.filter((cell) => cell.checked).length : row.closest("tr").querySelector(".d-con") ? 0 : 1;
  }
  n += form.querySelectorAll('.three input:checked:not([value="now"])').length;
  button.textContent = button.dataset.diffApply.replace("{n}", crm.number(n));
}

crm.on("change", "[data-tick-all]", (event, all) => {
  const rows = all.form.querySelectorAll(`input[name="${all.dataset.tickAll}"]`);
  for (const box of rows) if (!box.closest("tr").querySelector(".d-gone")) box.checked = all.checked;
  count(all.form);
});
crm.on("change", "#diff input", (event, box) => count(box.form));
crm.each("#diff", count);
