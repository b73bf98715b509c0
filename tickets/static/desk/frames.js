// A formatted mail takes the height of its content: no scroll box in a scroll box. Nothing in its frame may run, but its
// document is of our origin, so that this page can measure it.
const HIGHEST = 20_000; // px: a mail made to be endless scrolls inside
const SCROLLBAR = 18;

// Measured from nothing, because what is as high as its frame would grow with it for ever.
function fit(frame) {
  const root = frame.contentDocument?.documentElement;
  if (!root || !frame.offsetParent) return;
  const line = document.getElementById("line");
  const place = line?.scrollTop;
  frame.style.height = "0";
  const scrolls = root.scrollWidth > root.clientWidth ? SCROLLBAR : 0;
  frame.style.height = `${Math.min(root.scrollHeight + scrolls, HIGHEST)}px`;
  if (line) line.scrollTop = place;
  document.dispatchEvent(new CustomEvent("frame:fitted"));
}

// Its width changes with the page, its content when pictures arrive.
function watch(frame) {
  let width = 0;
  new ResizeObserver(() => {
    if (frame.clientWidth === width) return;
    width = frame.clientWidth;
    fit(frame);
  }).observe(frame);
  for (const picture of frame.contentDocument.images) picture.addEventListener("load", () => fit(frame));
  fit(frame);
}

document.addEventListener("load", ({ target }) => {
  if (target.classList?.contains("message__frame") && target.contentDocument) watch(target);
}, true);

// Those that were there before this script.
for (const frame of document.querySelectorAll(".message__frame")) {
  if (frame.contentDocument?.readyState === "complete" && frame.contentDocument.body?.childNodes.length) watch(frame);
}
