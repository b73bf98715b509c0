// The composer: Ctrl+Enter presses the main button, notes are tinted, canned responses are inserted at the cursor. New
// messages count as seen only while nothing is written: otherwise the server refuses the reply, and says why.
const composer = () => document.getElementById("composer");
const sheets = () => [...(composer()?.querySelectorAll(".sheet") ?? [])];

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const sheet = event.target.closest?.(".sheet");
  const button = sheet?.querySelector("[data-send=main]:not(:disabled)");
  if (!button) return;
  event.preventDefault();
  button.click(); // htmx sends the button's name only after a click
});

document.addEventListener("tab:chosen", (event) => {
  if (!event.target.closest("#composer")) return;
  composer().classList.toggle("composer--note", event.target.id === "tab-note");
  document.getElementById("saved").textContent = "";
  document.getElementById(event.target.getAttribute("aria-controls")).querySelector("textarea").focus();
});

// Moves the cursor to the end of a draft, since browsers put it at the start of a text.
function moveCursorToEnd(text) {
  if (text.dataset.entered) return;
  text.dataset.entered = "yes";
  text.setSelectionRange(text.value.length, text.value.length);
}

document.addEventListener("focusin", ({ target }) => target.matches("#composer textarea") && moveCursorToEnd(target));

document.addEventListener("click", (event) => {
  const macro = event.target.closest("[data-insert]");
  const text = macro?.closest(".sheet")?.querySelector("textarea");
  if (!text) return;
  moveCursorToEnd(text);
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
