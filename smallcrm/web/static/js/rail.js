// The rail: folded and unfolded by hand (a cookie tells the server, so the next page comes that way), and on a phone the sheet
// behind "More".

crm.on("click", "[data-rail-fold]", (event, button) => {
  const narrow = document.documentElement.dataset.rail !== "narrow";
  if (narrow) document.documentElement.dataset.rail = "narrow";
  else delete document.documentElement.dataset.rail;
  button.setAttribute("aria-pressed", narrow);
  document.cookie = `rail=${narrow ? "narrow" : ""}; path=/; max-age=${narrow ? 31536000 : 0}; SameSite=Lax`;
});

crm.on("click", "[data-more-sheet]", () => {
  const sheet = document.getElementById("more");
  const rail = document.querySelector(".rail");
  sheet.querySelector("[data-sheet]").append(rail);
  sheet.addEventListener("close", () => document.querySelector(".app").prepend(rail), { once: true });
  crm.openDialog(sheet);
});
