// Keeps the focus. A swap removes the focused element: then its successor gets the focus, or else the swapped part. After
// accepting a chat, the composer gets it; on a phone the conversation, because the keyboard would cover it.
const ATTRIBUTES = ["id", "data-number", "data-offer", "hx-post", "hx-get", "hx-vals", "href", "name", "value"];
const touch = matchMedia("(pointer: coarse)");
let before = null;
let accepted = false;

const isLost = () => !document.activeElement || document.activeElement === document.body;

function buildSelector(element) {
  const marks = ATTRIBUTES.filter((name) => element.hasAttribute(name));
  const own = marks.map((name) => `[${name}="${CSS.escape(element.getAttribute(name))}"]`);
  return own.length ? element.localName + own.join("") : "";
}

function findWritingPlace() {
  return document.querySelector(touch.matches ? "#line" : "#composer .sheet:not([hidden]) textarea");
}

document.addEventListener("accepted", () => (accepted = true));

document.addEventListener("htmx:beforeSwap", () => {
  before = isLost() ? null : buildSelector(document.activeElement);
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (before === null || !isLost()) return;
  const place = document.getElementById(detail.target.id) ?? detail.target;
  const next = (before && place.querySelector(before)) || (place.id === "composer" && findWritingPlace());
  (next || place.closest("[tabindex]") || document.getElementById("main")).focus({ preventScroll: true });
  before = null;
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (!accepted || detail.target.id !== "main") return;
  accepted = false;
  findWritingPlace()?.focus();
});

// The composer's button is disabled while its reply is being sent, and so loses the focus.
document.addEventListener("sent", () => isLost() && findWritingPlace()?.focus());
