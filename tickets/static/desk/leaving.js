// A mail that can still be taken back: how long is counted down beside it, by this page's own clock. When its time has come
// it says that it leaves now, and the conversation is read again until the server says that it has left.
const live = document.getElementById("live");
const AGAIN = 3000;
const due = new WeakMap();
let asked = 0;

function inWords(seconds) {
  if (seconds <= 0) return live.dataset.leavesNow;
  const [words, n] = seconds < 60 ? [live.dataset.seconds, seconds] : [live.dataset.minutes, Math.floor(seconds / 60)];
  return live.dataset.leaves.replace("{time}", words.replace("{n}", n));
}

function count() {
  const now = performance.now();
  for (const place of document.querySelectorAll("[data-leaves-in]")) {
    if (!due.has(place)) due.set(place, now + 1000 * Number(place.dataset.leavesIn));
    const left = due.get(place) - now;
    const words = inWords(Math.ceil(left / 1000));
    if (place.textContent !== words) place.textContent = words;
    if (left <= 0 && now - asked > AGAIN) {
      asked = now;
      htmx.trigger("#thread", "refresh");
    }
  }
}

document.addEventListener("htmx:afterSettle", count);
setInterval(count, 250);
