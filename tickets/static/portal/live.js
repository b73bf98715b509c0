// An open request stays up to date: a few bytes tell whether something has changed, and only then the page is read
// again, of which the parts marked data-live are put in place. What somebody is writing is left alone.
const WATCHED = 5000;
const UNWATCHED = 60000;
const talk = document.querySelector("[data-mark-url]");
let timer;

async function look() {
  clearTimeout(timer);
  try {
    const answer = await fetch(talk.dataset.markUrl);
    if (answer.status === 404) return; // the link has ended, or this device was forgotten
    if (answer.ok && (await answer.text()) !== talk.dataset.mark) await readAgain();
  } catch {} // no connection just now: the next look will tell
  timer = setTimeout(look, document.hidden ? UNWATCHED : WATCHED);
}

async function readAgain() {
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
  timer = setTimeout(look, WATCHED);
  document.addEventListener("visibilitychange", () => document.hidden || look());
}
// "Sent" is said once, and not again when the page is read anew.
if (document.getElementById("sent")) history.replaceState(null, "", location.pathname);
