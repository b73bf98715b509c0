// Attaches files that are dropped on the composer or pasted into it, like chosen ones.
function attach(sheet, files) {
  const input = sheet?.querySelector("input[type=file]");
  if (!input || !files.length) return;
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

const findSheet = (event) => event.target.closest?.(".sheet");

document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length || !findSheet(event)) return;
  event.preventDefault();
  attach(findSheet(event), files);
});

for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const sheet = findSheet(event);
    if (!sheet || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    sheet.classList.toggle("is-over", name === "dragover");
    if (name === "drop") attach(sheet, [...event.dataTransfer.files]);
  });
}
