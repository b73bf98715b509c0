// What a person has begun in a part of the page outlives that part being read again: changed fields keep their text and the
// caret, what was unfolded stays unfolded. The answer to one's own press is taken as it comes.
let begun = null;

const isChanged = (field) => "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue;
const place = (field) => `${field.form?.getAttribute("hx-post") ?? field.form?.action ?? ""} ${field.name}`;
const title = (details) => details.id || details.querySelector("summary")?.textContent.trim();

function gather(part) {
  const fields = new Map();
  for (const field of part.querySelectorAll("input, textarea")) {
    if (isChanged(field)) fields.set(place(field), { text: field.value, caret: field === document.activeElement && field.selectionStart });
  }
  return { part: part.id, fields, open: [...part.querySelectorAll("details[open]")].map(title) };
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { requestConfig, target } = detail;
  begun = requestConfig.triggeringEvent?.type === "refresh" && target.id ? gather(target) : null;
});

document.addEventListener("htmx:afterSettle", () => {
  const part = begun && document.getElementById(begun.part);
  if (!part) return;
  const { fields, open } = begun;
  begun = null;
  for (const details of part.querySelectorAll("details:not([open])")) {
    if (open.includes(title(details))) details.open = true;
  }
  for (const field of part.querySelectorAll("input, textarea")) {
    const kept = fields.get(place(field));
    if (!kept) continue;
    field.value = kept.text;
    if (kept.caret === false) continue;
    field.focus({ preventScroll: true });
    field.setSelectionRange(kept.caret, kept.caret);
  }
});

// What the server has taken is no longer begun.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful || detail.requestConfig?.verb === "get") return;
  const form = detail.elt.form ?? detail.elt.closest?.("form");
  for (const field of form?.elements ?? []) if ("defaultValue" in field) field.defaultValue = field.value;
});
