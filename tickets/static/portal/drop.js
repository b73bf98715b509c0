// Turns a file input into a drop zone, which lists its files, lets them be removed, and checks the limits.

// Writes a size like tickets/wording.py: whole kilobytes of 1,024 bytes, megabytes with one decimal.
const formatUnit = (number, unit, decimals) =>
  new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: decimals }).format(
    number,
  );

function format(bytes) {
  const kilobytes = Math.max(1, Math.round(bytes / 1024));
  return kilobytes < 1024 ? formatUnit(kilobytes, "kilobyte", 0) : formatUnit(bytes / 1024 / 1024, "megabyte", 1);
}

function addDropZone(zone) {
  const input = zone.querySelector("input[type=file]");
  const list = zone.querySelector("[data-drop-files]");
  const error = zone.querySelector("[data-drop-error]");
  const [plain, words] = zone.querySelectorAll(".drop__words");
  plain.hidden = true;
  words.hidden = false;
  let chosen = [];

  function setFiles(files) {
    chosen = files;
    const carrier = new DataTransfer();
    chosen.forEach((file) => carrier.items.add(file));
    input.files = carrier.files;
    showFiles();
  }

  function buildItem(file) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const away = document.createElement("button");
    name.textContent = `${file.name} (${format(file.size)})`;
    away.type = "button";
    away.className = "btn btn--small btn--quiet";
    away.textContent = "×";
    away.setAttribute("aria-label", `${zone.dataset.wordRemove} ${file.name}`);
    away.addEventListener("click", () => {
      setFiles(chosen.filter((other) => other !== file));
      input.focus();
    });
    item.append(name, away);
    return item;
  }

  function showFiles() {
    list.replaceChildren(...chosen.map(buildItem));
    list.hidden = chosen.length === 0;
    const bytes = chosen.reduce((sum, file) => sum + file.size, 0);
    let problem = "";
    if (chosen.length > Number(zone.dataset.maxFiles)) problem = zone.dataset.wordTooMany;
    else if (bytes > Number(zone.dataset.maxBytes)) problem = zone.dataset.wordTooLarge;
    error.textContent = problem;
    error.hidden = !problem;
    input.setCustomValidity(problem);
  }

  input.addEventListener("change", () => setFiles([...chosen, ...input.files]));
  for (const kind of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.toggle("is-over", kind === "dragover");
      if (kind === "drop") setFiles([...chosen, ...event.dataTransfer.files]);
    });
  }
}

document.querySelectorAll("[data-drop]").forEach(addDropZone);
