// Files: <div data-drop> around an <input type=file>. With data-upload="/files" each file goes up at once, with its progress,
// and the answer (a fragment) is put first into data-list; without, the form sends them. data-paste takes pasted ones too,
// data-max is the largest size in bytes, data-with='{"about_type": "customers"}' goes along. The body hears files-changed.

const size = (bytes) => {
  const step = bytes < 1024 * 1024 ? ["KB", 1024] : ["MB", 1024 * 1024];
  return `${crm.number(Math.max(1, Math.round((bytes / step[1]) * 10) / 10))} ${step[0]}`;
};

function line(file) {
  const bar = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  bar.setAttribute("class", "meter w");
  bar.setAttribute("aria-hidden", "true");
  bar.innerHTML = '<rect width="0%" height="100%"/>';
  const stop = crm.element("button", { type: "button", class: "b b-q b-s b-i", "aria-label": crm.word("cancel") }, crm.icon("x"));
  const say = crm.element("span", { class: "mut" }, size(file.size));
  const node = crm.element("div", { class: "file" }, crm.icon("file"), crm.element("span", { class: "cut" }, file.name), stop, bar, say);
  return { node, stop, say, bar };
}

function failed({ node, say, bar }, text) {
  bar.remove();
  say.className = "bad";
  say.textContent = text;
  node.setAttribute("role", "alert");
}

function send(zone, list, file) {
  const row = line(file);
  list.prepend(row.node);
  row.stop.onclick = () => row.node.remove();
  const max = Number(zone.dataset.max || 0);
  if (max && file.size > max) return failed(row, crm.word("too-big", { name: file.name, limit: size(max) }));
  const data = new FormData();
  data.append("file", file, file.name);
  for (const [name, value] of Object.entries(JSON.parse(zone.dataset.with || "{}"))) data.append(name, value);
  const xhr = new XMLHttpRequest();
  xhr.open("POST", zone.dataset.upload);
  xhr.setRequestHeader("X-CSRF-Token", crm.meta("csrf-token"));
  xhr.setRequestHeader("HX-Request", "true");
  xhr.upload.onprogress = (event) => {
    if (event.lengthComputable) row.bar.firstElementChild.setAttribute("width", `${Math.round((event.loaded / event.total) * 100)}%`);
  };
  xhr.onerror = () => failed(row, crm.word("no-answer"));
  xhr.onload = () => {
    const type = xhr.getResponseHeader("Content-Type");
    if (xhr.status === 401) return crm.signedOut(false);
    if (xhr.status >= 400) return failed(row, crm.trouble(xhr.status, type, xhr.responseText));
    const done = crm.element("div");
    row.node.replaceWith(done);
    htmx.swap(done, xhr.responseText, { swapStyle: "outerHTML", settleDelay: 0 });
    crm.say(crm.word("uploaded", { name: file.name }));
    crm.fire(document.body, "files-changed");
    return undefined;
  };
  row.stop.onclick = () => {
    xhr.abort();
    row.node.remove();
  };
  xhr.send(data);
  return undefined;
}

crm.each("[data-drop]", (zone) => {
  const inputs = [...zone.querySelectorAll("input[type=file]")];
  const list = zone.dataset.list ? document.querySelector(zone.dataset.list) : zone.parentElement.querySelector("[data-files]");
  const names = zone.querySelector("[data-names]");

  const take = (files) => {
    if (!files.length) return;
    if (zone.dataset.upload) {
      for (const file of files) send(zone, list, file);
      for (const input of inputs) input.value = "";
      return;
    }
    const input = inputs[0];
    if (files !== input.files) {
      const bag = new DataTransfer();
      for (const file of input.multiple ? files : [files[0]]) bag.items.add(file);
      input.files = bag.files;
      crm.fire(input, "change");
    }
    if (names) names.textContent = [...input.files].map((file) => `${file.name} (${size(file.size)})`).join(", ");
  };

  for (const input of inputs) input.addEventListener("change", (event) => event.isTrusted !== false && take(input.files));
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  zone.addEventListener("dragenter", (event) => hasFiles(event) && ++depth && zone.classList.add("is-over"));
  zone.addEventListener("dragleave", (event) => hasFiles(event) && --depth <= 0 && zone.classList.remove("is-over"));
  zone.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  zone.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    zone.classList.remove("is-over");
    take(event.dataTransfer.files);
  });
  if ("paste" in zone.dataset) {
    document.addEventListener("paste", (event) => {
      if (!zone.isConnected || !crm.shown(zone) || !event.clipboardData?.files.length) return;
      if (crm.typing(event.target) && event.clipboardData.types.includes("text/plain")) return;
      event.preventDefault();
      take(event.clipboardData.files);
    });
  }
});

// A file dropped beside the zone must not replace the page.
for (const type of ["dragover", "drop"]) {
  document.addEventListener(type, (event) => {
    if ([...(event.dataTransfer?.types || [])].includes("Files") && !event.defaultPrevented) event.preventDefault();
  });
}
