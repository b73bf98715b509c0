// Files let go over the composer or pasted into it are attached like chosen ones.
function attach(sheet, files) {
  const input = sheet?.querySelector("input[type=file]");
  if (!input || !files.length) return;
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

const sheetOf = (event) => event.target.closest?.(".sheet");

document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length || !sheetOf(event)) return;
  event.preventDefault();
  attach(sheetOf(event), files);
});

for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const sheet = sheetOf(event);
    if (!sheet || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    sheet.classList.toggle("is-over", name === "dragover");
    if (name === "drop") attach(sheet, [...event.dataTransfer.files]);
  });
}
