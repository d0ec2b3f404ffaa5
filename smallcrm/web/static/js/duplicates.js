// Duplicates while one types: <form data-duplicates="/customers/duplicates"> asks with the values of its fields marked data-same
// and puts the answer (a fragment, empty when there are none) into its [data-duplicates-here].

const WAIT = 450;

crm.each("form[data-duplicates]", (form) => {
  const place = form.querySelector("[data-duplicates-here]");
  if (!place) return;
  let timer = 0;
  let asked = "";
  const ask = () => {
    const values = new URLSearchParams();
    for (const field of form.querySelectorAll("[data-same]")) if (field.name && field.value.trim()) values.append(field.name, field.value.trim());
    const query = values.toString();
    if (query === asked) return;
    asked = query;
    if (!query) place.replaceChildren();
    else crm.into(place, `${form.dataset.duplicates}?${query}`);
  };
  form.addEventListener("input", (event) => {
    if (!event.target.matches("[data-same]")) return;
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  // "It is another one": said once, and the form goes on.
  place.addEventListener("click", (event) => {
    if (event.target.closest("[data-other]")) place.replaceChildren();
  });
});
