// htmx: the CSRF token on every request; a failed answer goes into its place when it is a fragment for it, else it is said
// in a toast; a lost session keeps what was typed.

const inPlace = new Set([409, 412, 413, 422, 428, 507]);

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = crm.meta("csrf-token");
});

const isFragment = (xhr) => (xhr.getResponseHeader("Content-Type") || "").includes("text/html");

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400) return;
  const swaps = isFragment(xhr) && (inPlace.has(xhr.status) || xhr.getResponseHeader("HX-Retarget"));
  event.detail.shouldSwap = Boolean(swaps);
  event.detail.isError = !swaps;
});

// Nobody is waiting for it: a poll, or something that loads by itself.
const inBackground = ({ elt, requestConfig }) => {
  const event = requestConfig && requestConfig.triggeringEvent;
  return event ? event.type === "poll" || event.type === "load" : /every|load/.test(elt.getAttribute("hx-trigger") || "");
};

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const background = inBackground(event.detail);
  if (xhr.status === 401) return crm.signedOut(background);
  if (background) return undefined;
  return crm.toast({ text: crm.trouble(xhr.status, xhr.getResponseHeader("Content-Type"), xhr.responseText), tone: "bad" });
});

for (const type of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(type, (event) => {
    if (!inBackground(event.detail)) crm.toast({ text: crm.word("no-answer"), tone: "bad" });
  });
}
