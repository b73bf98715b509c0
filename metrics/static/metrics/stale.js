// The wall says so when its numbers are old: no new picture for ten seconds, whatever the reason.
const wall = document.getElementById("wall");
const LIMIT = 10_000;
let fetched = performance.now();

function show(isStale) {
  wall.querySelector("[data-fresh]")?.toggleAttribute("hidden", isStale);
  wall.querySelector("[data-stale]")?.toggleAttribute("hidden", !isStale);
  wall.classList.toggle("is-stale", isStale);
}

wall.addEventListener("htmx:afterSwap", () => {
  fetched = performance.now();
  wall.classList.remove("is-stale");
});

setInterval(() => {
  if (performance.now() - fetched > LIMIT) show(true);
}, 1000);
