// The theme and language buttons. A choice applies at once and is kept by posting the form in the background;
// without this script the same form posts and the page comes back changed.
const root = document.documentElement;

function show(choice) {
  root.dataset.theme = choice || "auto";
  for (const button of document.querySelectorAll("button[name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === choice));
  }
}

function keep(form, choice) {
  const body = new FormData(form);
  body.set("theme", choice);
  return fetch(form.action, { method: "POST", body, redirect: "manual" });
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.name !== "theme") return;
  event.preventDefault();
  show(button.value);
  keep(event.target, button.value).catch(() => {}); // offline: the choice holds for this page
});
