// The desk's panes on small screens: [data-pane-to="list"] shows one pane, [data-card-toggle] the customer's card.
// On a phone the browser's back button goes back a pane instead of leaving the desk.
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

if (desk) {
  history.replaceState({ ...history.state, pane: desk.dataset.pane }, "");
  show(desk.dataset.pane);

  document.addEventListener("click", (event) => {
    const to = event.target.closest("[data-pane-to]");
    if (to) go(to.dataset.paneTo);
    const toggle = event.target.closest("[data-card-toggle]");
    if (toggle) desk.dataset.card = desk.dataset.card === "open" ? "" : "open";
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && desk.dataset.card === "open" && !phone.matches) desk.dataset.card = "";
  });

  // Anything may ask for a pane: htmx answers with HX-Trigger: {"pane": "talk"}.
  document.addEventListener("pane", (event) => go(event.detail.value ?? event.detail));

  addEventListener("popstate", (event) => event.state?.pane && show(event.state.pane));
}
