// Dialogs: [data-dialog-open="id"] opens, [data-dialog-close] and a press beside it close, the browser does the rest
// (focus stays inside, Escape, focus back). A dialog swapped in by htmx with data-dialog-auto opens by itself;
// a form with data-dialog-done closes its dialog once the server has done what it asked for.
function show(dialog) {
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) {
    show(document.getElementById(opener.dataset.dialogOpen));
    return;
  }
  const dialog = event.target.closest("dialog.dialog[open]");
  if (!dialog) return;
  const box = dialog.getBoundingClientRect();
  const beside = event.target === dialog && event.detail > 0 &&
    (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom);
  if (beside || event.target.closest("[data-dialog-close]")) dialog.close();
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.elt.matches("[data-dialog-done]")) detail.elt.closest("dialog")?.close();
});

document.addEventListener("htmx:afterSettle", () => {
  for (const dialog of document.querySelectorAll("dialog[data-dialog-auto]")) {
    dialog.removeAttribute("data-dialog-auto");
    show(dialog);
  }
});
