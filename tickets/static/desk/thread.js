// The conversation's place: a ticket opens at its end, a refreshed one stays where it was read (at the end if one was
// there), and what somebody unfolded stays unfolded. Tells the composer how far the page shows the conversation.
const line = () => document.getElementById("line");
let unfolded = [];
let atEnd = true;

const isAtEnd = (element) => element.scrollHeight - element.scrollTop - element.clientHeight < 80;

function toEnd() {
  const element = line();
  if (element) element.scrollTop = element.scrollHeight;
}

document.addEventListener("htmx:beforeSwap", () => {
  if (!line()) return;
  atEnd = isAtEnd(line());
  unfolded = [...line().querySelectorAll("details[id][open]")].map((details) => details.id);
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const element = line();
  if (!element) return;
  if (detail.target.id === "main") {
    toEnd();
  } else if (detail.target.closest?.("#thread") || detail.target.id === "composer") {
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
    if (atEnd) toEnd();
    document.dispatchEvent(new CustomEvent("thread:shown"));
  }
});

toEnd();
