// Backspace on a filter chip takes it away, as its cross does. htmx-loaded editors open in a popover (pop.js).
crm.on("keydown", ".chip-pair .chip", (event, chip) => {
  if (event.key !== "Backspace" && event.key !== "Delete") return;
  event.preventDefault();
  chip.closest(".chip-pair").querySelector("[data-chip-drop]")?.click();
});
