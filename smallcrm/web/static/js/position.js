// Where one is, taken only at the tap: <form data-position="wanted|optional|sent"> asks the browser once when a button with
// data-locate is pressed, fills latitude, longitude and accuracy, and is sent. Browsers answer only over HTTPS (or on this very
// machine): elsewhere the part data-without-position is shown at once. "optional" goes on without one; "sent" asks no more.

const able = () => window.isSecureContext && "geolocation" in navigator;

function ask() {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(resolve, reject, { enableHighAccuracy: true, timeout: 12000, maximumAge: 0 });
  });
}

const put = (form, name, value) => {
  const field = form.querySelector(`[name=${name}]`);
  if (field) field.value = value;
};

function without(form, why) {
  const part = form.querySelector("[data-without-position]");
  if (part) part.hidden = false;
  const said = form.querySelector("[data-position-said]");
  if (said && why) said.textContent = crm.word(why);
  if (said) said.hidden = false;
}

const REASONS = { 1: "position-refused", 2: "position-none", 3: "position-late" };

async function locate(form, button) {
  const asking = form.querySelector("[data-position-asking]");
  if (asking) asking.hidden = false;
  if (button) button.setAttribute("aria-busy", "true");
  let found = false;
  try {
    const { coords } = await ask();
    put(form, "latitude", coords.latitude.toFixed(6));
    put(form, "longitude", coords.longitude.toFixed(6));
    put(form, "accuracy", Math.round(coords.accuracy));
    found = true;
  } catch (error) {
    without(form, REASONS[error.code] || "position-none");
  }
  if (asking) asking.hidden = true;
  if (button) button.removeAttribute("aria-busy");
  const optional = form.dataset.position === "optional";
  form.dataset.position = "sent";
  if (found || optional) form.requestSubmit(button);
}

crm.each("form[data-position=wanted]", (form) => {
  if (!able()) without(form, "");
});

// Before anything else hears of it: what listens on the document itself comes later.
window.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const state = form.dataset?.position;
    if (!state || state === "sent" || !event.submitter?.hasAttribute("data-locate")) return;
    if (!able()) {
      if (!form.querySelector("[data-without-position]") && state === "wanted") {
        event.preventDefault();
        event.stopImmediatePropagation();
        without(form, "position-https");
      }
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    locate(form, event.submitter);
  },
  true,
);

crm.on("change", "[data-photo]", (event, input) => {
  const names = input.closest("form").querySelector("[data-photo-names]");
  if (names) names.textContent = [...input.files].map((file) => file.name).join(", ");
  input.closest(".photo")?.classList.toggle("is-filled", input.files.length > 0);
});
