// Keeps an open request up to date: polls a short mark, and if it has changed, loads the page and replaces the parts
// with data-live. What the customer is writing is not touched.
const VISIBLE = 5000;
const HIDDEN = 60000;
const talk = document.querySelector("[data-mark-url]");
let timer;

async function checkMark() {
  clearTimeout(timer);
  try {
    const answer = await fetch(talk.dataset.markUrl);
    if (answer.status === 404) return; // the link is no longer valid, or the customer has signed out
    if (answer.ok && (await answer.text()) !== talk.dataset.mark) await reloadParts();
  } catch {} // no connection: try again next time
  timer = setTimeout(checkMark, document.hidden ? HIDDEN : VISIBLE);
}

async function reloadParts() {
  const answer = await fetch(location.pathname);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
    if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
    if (fresh?.dataset.mark) part.dataset.mark = fresh.dataset.mark;
  }
}

if (talk) {
  timer = setTimeout(checkMark, VISIBLE);
  document.addEventListener("visibilitychange", () => document.hidden || checkMark());
}
// "Sent" is shown once, and not again after a reload.
if (document.getElementById("sent")) history.replaceState(null, "", location.pathname);
