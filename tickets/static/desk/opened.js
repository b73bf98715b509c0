// The open ticket: its URL in the address bar, its row marked in the list, its pane shown on a phone. The back button
// goes to the previous ticket. The server may open one with HX-Trigger: {"opened": {"number": 7}}.
const phone = matchMedia("(max-width: 760px)");
const live = document.getElementById("live");
let shown = document.getElementById("talk")?.dataset.number ?? null;

const talk = () => document.getElementById("talk");
const dispatch = (name) => document.dispatchEvent(new CustomEvent(name));

function markRow() {
  for (const row of document.querySelectorAll(".work-row[data-number]")) {
    const isOpen = row.dataset.number === talk()?.dataset.number;
    if (isOpen) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function markList() {
  const slug = document.getElementById("work")?.dataset.list;
  for (const link of document.querySelectorAll("[data-list]:is(a)")) {
    if (link.dataset.list === slug) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function showOpened() {
  const now = talk();
  markRow();
  document.dispatchEvent(new CustomEvent("pane", { detail: "talk" }));
  document.querySelector(`.work-row[data-number="${now?.dataset.number}"]`)?.classList.remove("work-row--unread");
  if (!now || now.dataset.number === shown) return;
  shown = now.dataset.number;
  const state = { ...history.state, pane: "talk", url: now.dataset.url };
  if (phone.matches || history.state?.url === now.dataset.url) history.replaceState(state, "", now.dataset.url);
  else history.pushState(state, "", now.dataset.url);
  dispatch("ticket:opened");
}

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "main") showOpened();
  if (detail.target.id === "pane-list") {
    markRow();
    markList();
  }
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.matches?.(".sidenav a[data-list], .found a") && detail.successful) {
    document.dispatchEvent(new CustomEvent("pane", { detail: "list" }));
    document.getElementById("pane-list").scrollTop = 0;
  }
});

document.addEventListener("opened", ({ detail }) => {
  document.querySelector("#dialog-place dialog[open]")?.close();
  htmx.ajax("GET", live.dataset.ticket.replace("/0/", `/${detail.number}/`), { target: "#main" });
});

addEventListener("popstate", ({ state }) => {
  if (state?.url && state.url !== talk()?.dataset.url) htmx.ajax("GET", state.url, { target: "#main" });
});

if (talk()) {
  history.replaceState({ ...history.state, url: talk().dataset.url }, "");
  dispatch("ticket:opened");
}
