// The conversation's place: a ticket opens at its end and stays there until somebody scrolls up; a refreshed one stays
// where it was read. Tells the composer how far the page shows the conversation.
const line = () => document.getElementById("line");
const watcher = new ResizeObserver(() => atEnd && toEnd());
let atEnd = true;

function toEnd() {
  const element = line();
  if (element) element.scrollTop = element.scrollHeight;
}

function begin() {
  watcher.disconnect();
  atEnd = true;
  if (!line()) return;
  watcher.observe(line());
  toEnd();
}

document.addEventListener("scroll", ({ target }) => {
  if (target.id === "line") atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 80;
}, true);

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "main") {
    begin();
  } else if (detail.target.id === "thread" || detail.target.id === "composer") {
    if (atEnd) toEnd();
    document.dispatchEvent(new CustomEvent("thread:shown"));
  }
});

document.addEventListener("frame:fitted", () => atEnd && toEnd());

begin();
