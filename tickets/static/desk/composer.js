// Writing: Ctrl+Enter sends by the main button, a note is tinted, ready-made texts go in where the cursor is. What the
// page shows counts as seen only while nothing is written yet: later news stops the sending, and the server says why.
const composer = () => document.getElementById("composer");
const sheets = () => [...(composer()?.querySelectorAll(".sheet") ?? [])];

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const sheet = event.target.closest?.(".sheet");
  const button = sheet?.querySelector("[data-send=main]:not(:disabled)");
  if (!button) return;
  event.preventDefault();
  button.click(); // htmx names the pressed button only after a click
});

document.addEventListener("tab:chosen", (event) => {
  if (!event.target.closest("#composer")) return;
  composer().classList.toggle("composer--note", event.target.id === "tab-note");
  document.getElementById("saved").textContent = "";
  document.getElementById(event.target.getAttribute("aria-controls")).querySelector("textarea").focus();
});

// A draft goes on at its end: a browser puts the cursor before a text that nobody has been in yet.
function enter(text) {
  if (text.dataset.entered) return;
  text.dataset.entered = "yes";
  text.setSelectionRange(text.value.length, text.value.length);
}

document.addEventListener("focusin", ({ target }) => target.matches("#composer textarea") && enter(target));

document.addEventListener("click", (event) => {
  const macro = event.target.closest("[data-insert]");
  const text = macro?.closest(".sheet")?.querySelector("textarea");
  if (!text) return;
  enter(text);
  text.setRangeText(macro.dataset.insert, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.focus();
});

document.addEventListener("click", (event) => {
  const edit = event.target.closest("[data-edit=subject]");
  if (!edit) return;
  edit.closest("h1").hidden = true;
  const form = document.getElementById("subject-form");
  form.hidden = false;
  form.querySelector("input").select();
});

document.addEventListener("sent", ({ detail }) => {
  document.getElementById("problem")?.remove();
  document.getElementById("saved").textContent = "";
  for (const sheet of sheets()) {
    sheet.querySelector("[name=seen_seq]").value = detail.seen;
    sheet.querySelector("[name=opened_at]").value = detail.at;
    if (sheet.id !== `sheet-${detail.kind}`) continue;
    sheet.querySelector("textarea").value = "";
    sheet.querySelector(".sheet__files .attachments")?.remove();
  }
});

document.addEventListener("thread:shown", () => {
  const seen = document.getElementById("thread")?.dataset.lastSeq;
  for (const sheet of sheets()) {
    if (!sheet.querySelector("textarea").value.trim()) sheet.querySelector("[name=seen_seq]").value = seen;
  }
});
