// Counts down, by the page's clock, the time in which a reply can be undone. Afterwards the conversation is reloaded until
// the server says that the reply has been sent.
const live = document.getElementById("live");
const RELOAD_EVERY = 3000;
const due = new WeakMap();
let reloadedAt = 0;

function describeTime(seconds) {
  if (seconds <= 0) return live.dataset.leavesNow;
  const [words, n] = seconds < 60 ? [live.dataset.seconds, seconds] : [live.dataset.minutes, Math.floor(seconds / 60)];
  return live.dataset.leaves.replace("{time}", words.replace("{n}", n));
}

function updateCountdowns() {
  const now = performance.now();
  for (const place of document.querySelectorAll("[data-leaves-in]")) {
    if (!due.has(place)) due.set(place, now + 1000 * Number(place.dataset.leavesIn));
    const left = due.get(place) - now;
    const words = describeTime(Math.ceil(left / 1000));
    if (place.textContent !== words) place.textContent = words;
    if (left <= 0 && now - reloadedAt > RELOAD_EVERY) {
      reloadedAt = now;
      htmx.trigger("#thread", "refresh");
    }
  }
}

document.addEventListener("htmx:afterSettle", updateCountdowns);
setInterval(updateCountdowns, 250);
