// Choosers that search while one types. <select data-picker data-source="/customers/options">: the server answers
// {"items": [{"id", "text", "sub"}]} to ?q=; nothing is loaded before one asks. Without data-source it searches its own options.
// data-create keeps a new word as it is; data-create-url="/customers/new?name=" opens that form and takes what it made.
// <input data-tags> holds several words as one text, "; " between them.

const WORDS = /[;；\n，、,]+/;

const option = ({ text, sub }) => crm.element("div", {}, crm.element("span", {}, text), sub ? crm.element("small", {}, sub) : null);

const chosen = (removable) => ({ text }) => {
  const cross = removable ? crm.element("span", { class: "remove", "data-remove": true, "aria-hidden": "true" }, crm.icon("x", "i-s")) : null;
  return crm.element("div", {}, crm.element("span", {}, text), cross);
};

const say = (kind, key) => ({ input }) => crm.element("div", { class: kind }, crm.word(key, { q: input }));

// Nothing there: not said where one can make it.
function nothing({ input }) {
  return this.canCreate(input) ? null : say("no-results", "nothing")({ input });
}

const common = (element, multiple) => ({
  maxOptions: 100,
  hidePlaceholder: multiple,
  placeholder: element.getAttribute("placeholder") || element.dataset.placeholder || "",
  hideSelected: multiple,
  selectOnTab: true,
  refreshThrottle: 0, // a quick typist's Tab means what stands there now
  onInitialize() {
    const input = this.control_input;
    for (const name of ["aria-label", "aria-describedby", "aria-invalid"]) {
      if (element.hasAttribute(name)) input.setAttribute(name, element.getAttribute(name));
    }
    if (element.hasAttribute("aria-label")) this.dropdown.querySelector("[role=listbox]").setAttribute("aria-label", element.getAttribute("aria-label"));
    element.setAttribute("aria-hidden", "true"); // the control beside it speaks for both
  },
});

// The list floats over whatever would cut it off: dialogs, popovers, grids.
let floating = null;
function float() {
  const ts = floating;
  if (!ts || !ts.isOpen || !ts.control.isConnected) return;
  const { dropdown } = ts;
  const from = ts.control.getBoundingClientRect();
  const width = Math.max(from.width, Math.min(220, innerWidth - 16));
  dropdown.style.width = `${width}px`;
  dropdown.style.left = `${Math.max(8, Math.min(from.left, innerWidth - width - 8))}px`;
  const { height } = dropdown.getBoundingClientRect();
  const below = from.bottom + height + 12 <= innerHeight || from.top < height;
  dropdown.style.top = `${below ? from.bottom : from.top - height - 8}px`;
}
addEventListener("resize", float);
document.addEventListener("scroll", float, { capture: true, passive: true });

function addFloating(ts) {
  const soon = () => {
    floating = ts;
    float();
    requestAnimationFrame(float);
  };
  for (const type of ["dropdown_open", "load", "type", "item_add", "item_remove"]) ts.on(type, soon);
}

function addRemoval(ts) {
  ts.control.addEventListener("mousedown", (event) => {
    const cross = event.target.closest?.("[data-remove]");
    if (!cross) return;
    event.preventDefault();
    event.stopPropagation();
    ts.removeItem(cross.closest(".item").dataset.value);
    ts.focus();
  }, true);
}

function addClearing(ts, element) {
  if (element.required || element.dataset.clear === undefined) return;
  const button = crm.element("button", { type: "button", class: "ts-clear", "aria-label": crm.word("clear"), tabindex: "-1" }, crm.icon("x", "i-s"));
  button.addEventListener("mousedown", (event) => {
    event.preventDefault();
    event.stopPropagation();
    ts.clear();
  });
  ts.wrapper.classList.add("clears");
  ts.wrapper.append(button);
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

const remote = (element) => {
  let running = null;
  let found = new Set(); // the ids of the last answer
  return {
    preload: "focus",
    loadThrottle: 160,
    shouldLoad: () => true,
    // What the server answered to this word stands as it ranked it; until then only what plainly fits can be chosen.
    score(query) {
      const wanted = plain(query);
      return (option) => ((this.answered === query && found.has(String(option.id))) || plain(option.text).includes(wanted) ? 1 : 0);
    },
    async load(query, done) {
      if (running) running.abort();
      running = new AbortController();
      const url = new URL(element.dataset.source, location.href);
      url.searchParams.set("q", query);
      const answer = await crm.fetch(url, { signal: running.signal, background: true });
      if (!answer || !answer.ok) return done();
      const body = await crm.json(answer);
      if (!body) return done();
      const { items } = body;
      this.clearOptions((option) => this.items.includes(String(option.id)));
      this.answered = query;
      found = new Set(items.map((item) => String(item.id)));
      return done(items);
    },
  };
};

const creating = (element) => {
  const url = element.dataset.createUrl;
  if (!url) return element.dataset.create === undefined ? {} : { create: (input) => ({ id: input, text: input }), createOnBlur: true };
  return {
    // Not before the server has said that there is none of this name.
    createFilter(input) {
      return !element.dataset.source || this.answered === input;
    },
    create(input, done) {
      done(false);
      wanting = this;
      crm.dialogFrom(url + encodeURIComponent(input));
      return false;
    },
  };
};

// A form in a dialog made the record that a picker was missing (HX-Trigger: {"created": {"id", "text"}}).
let wanting = null;
document.addEventListener("created", ({ detail }) => {
  if (!wanting || detail.id === undefined) return;
  wanting.addOption({ id: detail.id, text: detail.text });
  wanting.addItem(detail.id);
  wanting.focus();
  wanting = null;
});

const optionData = (select) =>
  [...select.options].filter((option) => option.value !== "").map((option) => ({ id: option.value, text: option.textContent.trim(), sub: option.dataset.sub || "" }));

function pick(select) {
  const hadFocus = document.activeElement === select;
  const multiple = select.multiple;
  const ts = new TomSelect(select, {
    ...common(select, multiple),
    valueField: "id",
    labelField: "text",
    searchField: ["text", "sub"],
    options: optionData(select),
    items: [...select.selectedOptions].map((option) => option.value).filter(Boolean),
    maxItems: multiple ? null : 1,
    allowEmptyOption: false,
    render: {
      option,
      item: chosen(multiple),
      no_results: nothing,
      loading: say("spinner", "searching"),
      option_create: say("create", "add-new"),
    },
    ...(select.dataset.source ? remote(select) : {}),
    ...creating(select),
    onChange: () => crm.fire(select, "picked"),
  });
  addFloating(ts);
  if (multiple) addRemoval(ts);
  else addClearing(ts, select);
  if (hadFocus) ts.focus();
}

function tag(input) {
  const ts = new TomSelect(input, {
    ...common(input, true),
    delimiter: "; ",
    create: true,
    createOnBlur: true,
    persist: false,
    valueField: "id",
    labelField: "text",
    searchField: ["text"],
    options: input.value.split(";").map((word) => ({ id: word.trim(), text: word.trim() })).filter((word) => word.id),
    createFilter: (word) => word.trim() !== "",
    ...(input.dataset.source ? remote(input) : {}),
    create: (word) => ({ id: word.trim(), text: word.trim() }),
    render: {
      option,
      item: chosen(true),
      no_results: () => null,
      loading: say("spinner", "searching"),
      option_create: say("create", "add-new"),
    },
  });
  addFloating(ts);
  addRemoval(ts);
  // A separator ends a word, however it came: typed, pasted, or out of an input method.
  const split = (event) => {
    if (event.isComposing) return;
    const words = ts.inputValue().split(WORDS);
    const rest = words.pop();
    if (!words.length) return;
    for (const word of words) if (word.trim()) ts.createItem(word.trim());
    ts.setTextboxValue(rest.trimStart());
  };
  for (const type of ["input", "compositionend"]) ts.control_input.addEventListener(type, split);
}

crm.each("select[data-picker]", (select) => crm.vendor("tom-select").then(() => pick(select)));
crm.each("input[data-tags]", (input) => crm.vendor("tom-select").then(() => tag(input)));
