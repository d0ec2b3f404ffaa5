// Words that an open list has had before, offered by the browser's own list as one types: <input list="…" data-words="/customers/
// words/source">, answered with {"items": [{"text"}]} to ?q=.

const WAIT = 150;

crm.each("input[data-words][list]", (input) => {
  let timer = 0;
  let running = null;
  let asked = null;
  const ask = async () => {
    const query = input.value.trim();
    if (query === asked) return;
    asked = query;
    if (running) running.abort();
    running = new AbortController();
    const url = new URL(input.dataset.words, location.href);
    url.searchParams.set("q", query);
    const answer = await crm.fetch(url, { signal: running.signal, background: true });
    if (!answer || !answer.ok || asked !== query) return;
    const body = await crm.json(answer);
    if (!body) return;
    input.list.replaceChildren(...body.items.map(({ text }) => crm.element("option", { value: text })));
  };
  input.addEventListener("focus", ask);
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
});
