// A part of a form that is there only while a field holds a value: data-only-for="kind=person", several values with commas.

crm.each("[data-only-for]", (part) => {
  const [name, values] = part.dataset.onlyFor.split("=");
  const form = part.closest("form");
  if (!form) return;
  const show = () => {
    const field = form.elements[name];
    if (field) part.hidden = !values.split(",").includes(field.value);
  };
  form.addEventListener("change", show);
  form.addEventListener("reset", () => setTimeout(show));
  show();
});
