// What the behaviours share, as the one global `crm`. A behaviour registers what it does for a selector; `crm` runs it on
// the page and again on whatever htmx swaps in. Words come from <template id="words">, never from here.

const setUps = [];
const crm = (window.crm = {});

// Run `setUp(element)` once for every element that matches, now and after swaps.
crm.each = (selector, setUp) => setUps.push({ selector, setUp, done: new WeakSet() });

function scan(root) {
  for (const { selector, setUp, done } of setUps) {
    const found = root.matches && root.matches(selector) ? [root] : [];
    for (const element of [...found, ...root.querySelectorAll(selector)]) {
      if (!done.has(element)) {
        done.add(element);
        setUp(element);
      }
    }
  }
}
crm.scan = scan;
// The behaviours further down register first: a microtask runs after the whole script.
queueMicrotask(() => scan(document));
document.addEventListener("htmx:load", (event) => scan(event.detail.elt));

// One listener for all elements of a selector, those to come included.
crm.on = (type, selector, handler, capture = false) =>
  document.addEventListener(
    type,
    (event) => {
      const element = event.target instanceof Element ? event.target.closest(selector) : null;
      if (element) handler(event, element);
    },
    capture,
  );

crm.fire = (element, type, detail = {}) =>
  element.dispatchEvent(new CustomEvent(type, { bubbles: true, cancelable: true, detail }));

// ---------------------------------------------------------------- words

crm.fill = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));

crm.word = (key, values) => {
  const words = document.getElementById("words");
  const found = words && words.content.querySelector(`[data-word="${key}"]`);
  return crm.fill(found ? found.textContent : key, values);
};

crm.number = (n) => new Intl.NumberFormat(document.documentElement.lang || "en").format(n);

// Said to whoever listens instead of looking.
crm.say = (text) => {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
};

// ---------------------------------------------------------------- elements

crm.clone = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

crm.icon = (name, size = "") => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", size ? `i ${size}` : "i");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${crm.meta("icons-url")}#${name}`);
  svg.append(use);
  return svg;
};

crm.element = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

crm.shown = (element) => element.getClientRects().length > 0;

// Whether keys belong to the element: someone is typing there.
crm.typing = (element) =>
  element instanceof Element &&
  (element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=range])"));

// An input method (Chinese, Greek accents) is still at work: Enter and Escape are its own.
crm.composing = (event) => event.isComposing || event.keyCode === 229;

crm.modal = () => [...document.querySelectorAll("dialog[open]")].pop() || null;

// ---------------------------------------------------------------- asking the server

crm.meta = (name) => {
  const meta = document.querySelector(`meta[name="${name}"]`);
  return meta ? meta.content : "";
};

const loaded = new Map();
// A vendor script, fetched by the first page part that needs it.
crm.vendor = (name) => {
  if (!loaded.has(name)) {
    loaded.set(
      name,
      new Promise((done, failed) => {
        const script = crm.element("script", { src: crm.meta(`${name}-url`) });
        script.onload = done;
        script.onerror = failed;
        document.head.append(script);
      }),
    );
  }
  return loaded.get(name);
};

// fetch with the CSRF token. null when nothing came or one is signed out: that has been said already.
crm.fetch = async (url, options = {}) => {
  const headers = new Headers(options.headers);
  headers.set("X-CSRF-Token", crm.meta("csrf-token"));
  headers.set("X-Requested-With", "fetch");
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", ...options, headers });
  } catch (error) {
    if (error.name !== "AbortError") crm.toast({ text: crm.word("no-answer"), tone: "bad" });
    return null;
  }
  const sentToSignIn = answer.redirected && new URL(answer.url).pathname === "/login";
  if (answer.status === 401 || sentToSignIn) {
    crm.signedOut(options.background === true);
    return null;
  }
  return answer;
};

// What an answer says in JSON; null when it was given up for a newer question while it came.
crm.json = (answer) => answer.json().catch(() => null);

// A fragment into its place, by htmx; what fails has been said already (requests.js).
crm.into = (target, url, source = target) => htmx.ajax("GET", url, { target, swap: "innerHTML", source }).catch(() => {});

// What a failed answer says in words: the problem's own, or ours for its status.
crm.trouble = (status, type, body) => {
  if ((type || "").includes("json")) {
    try {
      const problem = JSON.parse(body);
      if (problem.detail || problem.title) return problem.detail || problem.title;
    } catch {
      // not JSON after all: our own words below
    }
  }
  if ((type || "").includes("html")) {
    const said = new DOMParser().parseFromString(body || "", "text/html").querySelector("[data-trouble]");
    if (said) return said.textContent;
  }
  const known = { 0: "no-answer", 403: "forbidden", 404: "not-found", 409: "stale", 412: "stale", 413: "too-large", 429: "too-often", 503: "busy", 507: "disk-full" };
  return crm.word(known[status] || "went-wrong");
};

// The session has ended. Drafts are kept; someone who is acting goes to sign in, a poll only says so.
let saidSignedOut = false;
crm.signedOut = (background) => {
  crm.fire(document, "crm:signed-out");
  const to = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
  if (!background) {
    location.assign(to);
  } else if (!saidSignedOut) {
    saidSignedOut = true;
    crm.toast({ text: crm.word("signed-out"), url: to, act: crm.word("sign-in"), tone: "bad" });
  }
};

// ---------------------------------------------------------------- what this browser remembers

const remember = (area) => ({
  get(key) {
    try {
      return JSON.parse(area().getItem(key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      area().setItem(key, JSON.stringify(value));
    } catch {
      // full or forbidden: then nothing is remembered, and nothing breaks
    }
  },
  drop(key) {
    try {
      area().removeItem(key);
    } catch {
      // as above
    }
  },
  keys() {
    try {
      return Object.keys(area());
    } catch {
      return [];
    }
  },
});
crm.session = remember(() => window.sessionStorage);
crm.local = remember(() => window.localStorage);
