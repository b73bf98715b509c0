// Date fields: the reader types in their own notation (18/11/2026 14:30); the button opens the browser's calendar, and
// what is chosen there is written in that notation. Without a calendar to open, the field alone is enough.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-date-open]");
  if (!button) return;
  button.parentElement.querySelector("[data-date-native]").showPicker();
});

document.addEventListener("change", (event) => {
  const native = event.target.closest("[data-date-native]");
  if (!native?.value) return;
  const [day, time] = native.value.split("T");
  const text = native.closest("[data-date-field]").querySelector("input[type=text]");
  text.value = [day.split("-").reverse().join("/"), time].filter(Boolean).join(" ");
  text.dispatchEvent(new Event("input", { bubbles: true }));
});

function upgrade() {
  if (!("showPicker" in HTMLInputElement.prototype)) return;
  for (const field of document.querySelectorAll("[data-date-field]")) {
    field.querySelector("[data-date-open]").hidden = false;
    field.querySelector("[data-date-native]").hidden = false;
  }
}

upgrade();
document.addEventListener("htmx:afterSettle", upgrade);
