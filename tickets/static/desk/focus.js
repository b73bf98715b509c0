// The focus is never lost. What is read again takes off the element that had it: its successor gets it, else the place that
// was read again. Who accepts a chat goes on in the box to answer in; on a phone in the conversation, for a keyboard would
// cover it.
const MARKS = ["id", "data-number", "data-offer", "hx-post", "hx-get", "hx-vals", "href", "name", "value"];
const touch = matchMedia("(pointer: coarse)");
let before = null;
let accepted = false;

const isLost = () => !document.activeElement || document.activeElement === document.body;

function marksOf(element) {
  const marks = MARKS.filter((name) => element.hasAttribute(name));
  const own = marks.map((name) => `[${name}="${CSS.escape(element.getAttribute(name))}"]`);
  return own.length ? element.localName + own.join("") : "";
}

function writing() {
  return document.querySelector(touch.matches ? "#line" : "#composer .sheet:not([hidden]) textarea");
}

document.addEventListener("accepted", () => (accepted = true));

document.addEventListener("htmx:beforeSwap", () => {
  before = isLost() ? null : marksOf(document.activeElement);
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (before === null || !isLost()) return;
  const place = document.getElementById(detail.target.id) ?? detail.target;
  const next = (before && place.querySelector(before)) || (place.id === "composer" && writing());
  (next || place.closest("[tabindex]") || document.getElementById("main")).focus({ preventScroll: true });
  before = null;
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (!accepted || detail.target.id !== "main") return;
  accepted = false;
  writing()?.focus();
});

// A pressed button of the composer is disabled while its reply is on its way, and loses the focus by that.
document.addEventListener("sent", () => isLost() && writing()?.focus());
