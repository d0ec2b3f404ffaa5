// Whoever calls or writes from here is offered the words for it in the log line: <a href="tel:…" data-logs="called Bob ">.

crm.on("click", "a[data-logs]", (event, link) => {
  const box = document.querySelector("[data-logline] textarea");
  if (!box || box.value.trim()) return;
  box.value = link.dataset.logs;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => box.focus({ preventScroll: true }));
});
