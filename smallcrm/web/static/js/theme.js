// Light, dark, or as the system has it: data-theme="light|dark|" on a button. Shown at once; the server keeps it (data-theme-url).

const current = () => document.documentElement.dataset.bsTheme || "";
const press = () => {
  for (const button of document.querySelectorAll("[data-theme]")) button.setAttribute("aria-checked", button.dataset.theme === current());
};

crm.on("click", "[data-theme]", (event, button) => {
  event.preventDefault();
  const theme = button.dataset.theme;
  if (theme) document.documentElement.dataset.bsTheme = theme;
  else delete document.documentElement.dataset.bsTheme;
  press();
  const url = button.closest("[data-theme-url]")?.dataset.themeUrl;
  if (url) crm.fetch(url, { method: "POST", body: new URLSearchParams({ theme }), background: true });
});
crm.each("[data-theme]", (button) => button.setAttribute("aria-checked", button.dataset.theme === current()));
