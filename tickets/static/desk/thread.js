// The conversation's scroll position: a ticket opens at its end and stays there until somebody scrolls up; a reload keeps
// the position. Fires "thread:shown", from which the composer knows what has been seen.
const line = () => document.getElementById("line");
const watcher = new ResizeObserver(() => atEnd && scrollToEnd());
let atEnd = true;

function scrollToEnd() {
  const element = line();
  if (element) element.scrollTop = element.scrollHeight;
}

function showThread() {
  watcher.disconnect();
  atEnd = true;
  if (!line()) return;
  watcher.observe(line());
  scrollToEnd();
}

document.addEventListener("scroll", ({ target }) => {
  if (target.id === "line") atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 80;
}, true);

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "main") {
    showThread();
  } else if (detail.target.id === "thread" || detail.target.id === "composer") {
    if (atEnd) scrollToEnd();
    document.dispatchEvent(new CustomEvent("thread:shown"));
  }
});

document.addEventListener("frame:fitted", () => atEnd && scrollToEnd());

showThread();
