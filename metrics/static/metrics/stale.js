// The wall says so when its numbers are old: no new picture for ten seconds, whatever the reason.
const wall = document.getElementById("wall");
const LIMIT = 10_000;
let fetched = performance.now();

wall.addEventListener("htmx:afterSwap", () => {
  fetched = performance.now();
});

setInterval(() => {
  if (performance.now() - fetched < LIMIT) return;
  const clock = document.getElementById("clock");
  clock.querySelector("[data-fresh]").hidden = true;
  clock.querySelector("[data-stale]").hidden = false;
}, 1000);
