// The set-up page: choosing a language draws the page in it at once, and the browser's time zone tells the country and the
// currency better than the language does. Only what nobody has touched is filled.

document.documentElement.classList.add("js");

crm.each("[data-guess-zone]", async (form) => {
  const touched = new Set();
  form.addEventListener("input", (event) => touched.add(event.target.name));
  form.addEventListener("change", (event) => event.isTrusted && touched.add(event.target.name));
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = form.elements.timezone;
  if (!zone || !known || known.value === zone) return;
  const answer = await crm.fetch(`${form.dataset.guessZone}?timezone=${encodeURIComponent(zone)}`, { background: true });
  if (!answer || !answer.ok) return;
  const found = await crm.json(answer);
  for (const [name, value] of Object.entries(found || {})) {
    const field = form.elements[name];
    if (!value || touched.has(name) || !field || ![...field.options].some((option) => option.value === value)) continue;
    field.value = value;
    if (field.tomselect) field.tomselect.setValue(value, true);
  }
});
