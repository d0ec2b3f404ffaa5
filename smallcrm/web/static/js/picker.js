// Choosers that search while one types. <select data-picker data-source="/customers/options">: the server answers
// {"items": [{"id", "text", "sub"}]} to ?q=; nothing is loaded before one asks. Without data-source it searches its own options.
// data-create keeps a new word as it is; data-create-url="/customers/new?name=" opens that form and takes what it made.
// <input data-tags> holds several words as one text, "; " between them.

const WORDS = /[;；\n，、,]+/;

const rendered = (data, escape, remove) => {
  const item = crm.element("div", {}, crm.element("span", {}, data.text));
  if (remove) {
    item.append(crm.element("span", { class: "remove", "data-remove": true, "aria-hidden": "true" }, crm.icon("x", "i-s")));
  } else if (data.sub) item.append(crm.element("small", {}, data.sub));
  return item;
};

const say = (kind, key) => (data) => crm.element("div", { class: kind }, crm.word(key, { q: data.input }));

const common = (element, multiple) => ({
  maxOptions: 100,
  hidePlaceholder: multiple,
  placeholder: element.getAttribute("placeholder") || element.dataset.placeholder || "",
  hideSelected: multiple,
  selectOnTab: true,
  onInitialize() {
    const input = this.control_input;
    const label = document.querySelector(`label[for="${element.id}"]`);
    input.setAttribute("aria-label", element.getAttribute("aria-label") || (label ? label.textContent.replace("*", "").trim() : ""));
    for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) {
      if (element.hasAttribute(name)) input.setAttribute(name, element.getAttribute(name));
    }
    // The library names the label itself: one name is enough.
    input.removeAttribute("aria-labelledby");
    this.dropdown.setAttribute("aria-label", input.getAttribute("aria-label"));
  },
});

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

const remote = (element) => {
  let running = null;
  return {
    preload: "focus",
    loadThrottle: 160,
    score: () => () => 1, // the server has ranked them
    shouldLoad: () => true,
    async load(query, done) {
      if (running) running.abort();
      running = new AbortController();
      const url = new URL(element.dataset.source, location.href);
      url.searchParams.set("q", query);
      const answer = await crm.fetch(url, { signal: running.signal, background: true });
      if (!answer || !answer.ok) return done();
      const { items } = await answer.json();
      this.clearOptions((option) => this.items.includes(String(option.id)));
      return done(items);
    },
  };
};

const creating = (element) => {
  const url = element.dataset.createUrl;
  if (!url) return element.dataset.create === undefined ? {} : { create: (input) => ({ id: input, text: input }), createOnBlur: true };
  return {
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
      option: rendered,
      item: (data, escape) => rendered(data, escape, multiple),
      no_results: say("no-results", "nothing"),
      loading: say("spinner", "searching"),
      option_create: say("create", "add-new"),
    },
    ...(select.dataset.source ? remote(select) : {}),
    ...creating(select),
    onChange: () => crm.fire(select, "picked"),
  });
  if (multiple) addRemoval(ts);
  else addClearing(ts, select);
  if (hadFocus) ts.focus();
}

function tag(input) {
  const ts = new TomSelect(input, {
    ...common(input, true),
    delimiter: ";",
    splitOn: WORDS,
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
      option: rendered,
      item: (data, escape) => rendered(data, escape, true),
      no_results: () => null,
      loading: say("spinner", "searching"),
      option_create: say("create", "add-new"),
    },
  });
  addRemoval(ts);
}

crm.each("select[data-picker]", (select) => crm.vendor("tom-select").then(() => pick(select)));
crm.each("input[data-tags]", (input) => crm.vendor("tom-select").then(() => tag(input)));
