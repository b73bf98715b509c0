// The desk's panes on small screens: [data-pane-to="list"] shows one pane, [data-card-toggle] the customer's card. Choosing
// a list leads to it, choosing a row to its conversation. On a phone the back button goes back a pane, not out of the desk.
const desk = document.querySelector(".desk");
const phone = matchMedia("(max-width: 760px)");

function show(pane) {
  desk.dataset.pane = pane;
  desk.dataset.card = pane === "card" ? "open" : "";
  for (const button of document.querySelectorAll(".bottom-bar [data-pane-to]")) {
    button.setAttribute("aria-pressed", String(button.dataset.paneTo === pane));
  }
}

function go(pane) {
  if (pane === desk.dataset.pane) return;
  if (phone.matches) history.pushState({ pane }, "");
  show(pane);
}

function wanted(target) {
  const button = target.closest("[data-pane-to]");
  if (button) return button.dataset.paneTo;
  if (target.closest(".pane--nav a")) return "list";
  if (target.closest(".work-row")) return "talk";
  return desk.dataset.pane === "nav" && !phone.matches && !target.closest(".pane--nav") ? "list" : "";
}

function toggleCard() {
  desk.dataset.card = desk.dataset.card === "open" ? "" : "open";
}

if (desk) {
  history.replaceState({ ...history.state, pane: desk.dataset.pane }, "");
  show(desk.dataset.pane);

  document.addEventListener("click", (event) => {
    const pane = wanted(event.target);
    if (pane) go(pane);
    if (event.target.closest("[data-card-toggle]")) toggleCard();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && desk.dataset.card === "open" && !phone.matches) toggleCard();
  });

  // Anything may ask for a pane: htmx answers with HX-Trigger: {"pane": "talk"}.
  document.addEventListener("pane", (event) => go(event.detail.value ?? event.detail));

  addEventListener("popstate", (event) => event.state?.pane && show(event.state.pane));
}
