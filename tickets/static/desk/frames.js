// Fits the height of a formatted mail's frame to its content, so that it does not scroll within the conversation. No
// script runs in the frame, but its document has our origin, so that this page can measure it.
const MAX_HEIGHT = 20_000; // px; an extremely long mail scrolls inside its frame
const SCROLLBAR = 18;

// Measured at height 0, because content that is as high as its frame would grow with it endlessly.
function fitHeight(frame) {
  const root = frame.contentDocument?.documentElement;
  if (!root || !frame.offsetParent) return;
  const line = document.getElementById("line");
  const place = line?.scrollTop;
  frame.style.height = "0";
  const scrolls = root.scrollWidth > root.clientWidth ? SCROLLBAR : 0;
  frame.style.height = `${Math.min(root.scrollHeight + scrolls, MAX_HEIGHT)}px`;
  if (line) line.scrollTop = place;
  document.dispatchEvent(new CustomEvent("frame:fitted"));
}

// Fits the frame again when its width changes with the page, and when images are loaded.
function watchFrame(frame) {
  let width = 0;
  new ResizeObserver(() => {
    if (frame.clientWidth === width) return;
    width = frame.clientWidth;
    fitHeight(frame);
  }).observe(frame);
  for (const picture of frame.contentDocument.images) picture.addEventListener("load", () => fitHeight(frame));
  fitHeight(frame);
}

document.addEventListener("load", ({ target }) => {
  if (target.classList?.contains("message__frame") && target.contentDocument) watchFrame(target);
}, true);

// Frames that were loaded before this script.
for (const frame of document.querySelectorAll(".message__frame")) {
  if (frame.contentDocument?.readyState === "complete" && frame.contentDocument.body?.childNodes.length) watchFrame(frame);
}
