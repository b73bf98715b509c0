// Searches while the person types, and shows the results in place of the list; without this script the form works too.
const form = document.querySelector("form.topbar__search");
const field = document.getElementById("search");
const PAUSE = 300;
let timer = null;
let lastText = "";

function loadResults() {
  clearTimeout(timer);
  const text = field.value.trim();
  if (text === lastText) return;
  lastText = text;
  if (!text) return;
  const address = new URL(form.action);
  address.searchParams.set("q", text);
  htmx.ajax("GET", address.pathname + address.search, { target: "#pane-list" });
  document.dispatchEvent(new CustomEvent("pane", { detail: "list" }));
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  lastText = "";
  loadResults();
});
field?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(loadResults, PAUSE);
});
