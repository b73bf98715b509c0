// Keeps what a person has begun while a part of the page is reloaded: changed fields keep their text and caret, and
// details stay open or closed. The response to a person's own action is shown as it is; only the open details of the
// conversation, which it may include, are kept.
let saved = null;

const isChanged = (field) => "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue;
const fieldKey = (field) => `${field.form?.getAttribute("hx-post") ?? field.form?.action ?? ""} ${field.name}`;
const foldKey = (details) => details.id || details.querySelector("summary")?.textContent.trim();
const readFolds = (part) => new Map([...part.querySelectorAll("details")].map((details) => [foldKey(details), details.open]));

function gather(part) {
  const fields = new Map();
  for (const field of part.querySelectorAll("input, textarea")) {
    if (isChanged(field)) fields.set(fieldKey(field), { text: field.value, caret: field === document.activeElement && field.selectionStart });
  }
  return { id: part.id, fields, folds: readFolds(part) };
}

function restore({ id, fields, folds }) {
  const part = document.getElementById(id);
  for (const details of part?.querySelectorAll("details") ?? []) details.open = folds.get(foldKey(details)) ?? details.open;
  for (const field of part?.querySelectorAll("input, textarea") ?? []) {
    const kept = fields.get(fieldKey(field));
    if (!kept) continue;
    field.value = kept.text;
    if (kept.caret === false) continue;
    field.focus({ preventScroll: true });
    field.setSelectionRange(kept.caret, kept.caret);
  }
}

// Nothing happens between these two events, whereas another response may come before a swap has settled.
document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig, target } }) => {
  const thread = target.id === "main" ? null : document.getElementById("thread");
  if (requestConfig.elt.dataset.refresh) saved = gather(target);
  else saved = thread && { ...gather(thread), fields: new Map() };
});

document.addEventListener("htmx:afterSwap", () => {
  if (saved) restore(saved);
  saved = null;
});

// Fields that the server has accepted no longer count as changed.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful || detail.requestConfig?.verb === "get") return;
  const form = detail.elt.form ?? detail.elt.closest?.("form");
  for (const field of form?.elements ?? []) if ("defaultValue" in field) field.defaultValue = field.value;
});
