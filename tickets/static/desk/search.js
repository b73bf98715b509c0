// Search as one types: what is found takes the place of the list; without this script the form loads the page.
const form = document.querySelector("form.topbar__search");
const field = document.getElementById("search");
const PAUSE = 300;
let timer = null;
let asked = "";

function find() {
  clearTimeout(timer);
  const text = field.value.trim();
  if (text === asked) return;
  asked = text;
  if (!text) return;
  const address = new URL(form.action);
  address.searchParams.set("q", text);
  htmx.ajax("GET", address.pathname + address.search, { target: "#pane-list" });
  document.dispatchEvent(new CustomEvent("pane", { detail: "list" }));
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  asked = "";
  find();
});
field?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(find, PAUSE);
});
