// What a person has begun in a part of the page outlives that part being read again: changed fields keep their text and the
// caret, what was unfolded or folded stays so. The answer to one's own press is taken as it comes; only the folds of the
// conversation, which such an answer may bring along, stay as they were.
let begun = null;

const isChanged = (field) => "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue;
const place = (field) => `${field.form?.getAttribute("hx-post") ?? field.form?.action ?? ""} ${field.name}`;
const title = (details) => details.id || details.querySelector("summary")?.textContent.trim();
const foldsOf = (part) => new Map([...part.querySelectorAll("details")].map((details) => [title(details), details.open]));

function gather(part) {
  const fields = new Map();
  for (const field of part.querySelectorAll("input, textarea")) {
    if (isChanged(field)) fields.set(place(field), { text: field.value, caret: field === document.activeElement && field.selectionStart });
  }
  return { id: part.id, fields, folds: foldsOf(part) };
}

function giveBack({ id, fields, folds }) {
  const part = document.getElementById(id);
  for (const details of part?.querySelectorAll("details") ?? []) details.open = folds.get(title(details)) ?? details.open;
  for (const field of part?.querySelectorAll("input, textarea") ?? []) {
    const kept = fields.get(place(field));
    if (!kept) continue;
    field.value = kept.text;
    if (kept.caret === false) continue;
    field.focus({ preventScroll: true });
    field.setSelectionRange(kept.caret, kept.caret);
  }
}

// Between these two events nothing else happens; another answer may well come before a swap has settled.
document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig, target } }) => {
  const thread = target.id === "main" ? null : document.getElementById("thread");
  if (requestConfig.elt.dataset.refresh) begun = gather(target);
  else begun = thread && { ...gather(thread), fields: new Map() };
});

document.addEventListener("htmx:afterSwap", () => {
  if (begun) giveBack(begun);
  begun = null;
});

// What the server has taken is no longer begun.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful || detail.requestConfig?.verb === "get") return;
  const form = detail.elt.form ?? detail.elt.closest?.("form");
  for (const field of form?.elements ?? []) if ("defaultValue" in field) field.defaultValue = field.value;
});
