// Keyboard shortcuts: j/k move in the list, r and n write, a accepts an offer, / and Ctrl+K search, ? shows the shortcuts.
const typing = (element) => element.matches?.("input, textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("#pane-list .work-row")];

function moveFocus(by) {
  const all = rows();
  const current = document.activeElement.closest(".work-row") ?? document.querySelector(".work-row[aria-current]");
  const here = all.indexOf(current);
  const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : here + by;
  all[Math.max(0, Math.min(all.length - 1, next))]?.focus();
}

function openTab(kind) {
  const tab = document.getElementById(`tab-${kind}`);
  if (!tab) return;
  document.dispatchEvent(new CustomEvent("pane", { detail: "talk" }));
  tab.click();
}

function focusSearch() {
  const field = document.getElementById("search");
  field?.focus();
  field?.select();
}

const KEYS = {
  j: () => moveFocus(1),
  k: () => moveFocus(-1),
  r: () => openTab("reply"),
  n: () => openTab("note"),
  a: () => document.querySelector("#offers .btn--primary")?.click(),
  "/": focusSearch,
  "?": () => document.getElementById("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    focusSearch();
    return;
  }
  if (event.key === "Escape" && typing(event.target)) event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open], details.menu[open]")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
