// Toasts: what just happened. The server shows Django messages in .toasts, or answers htmx with
// HX-Trigger: {"toast": {"text": "Sent.", "level": "ok"}}. Good news leaves after eight seconds unless it is being read
// (pointer or focus on it); what went wrong stays until it is closed. News `about` the same thing takes its place.
const LASTS = 8000;
const place = () => document.getElementById("toasts");

export function toast(text, level = "", about = "") {
  const copy = document.getElementById("toast-template")?.content.firstElementChild.cloneNode(true);
  if (!copy || !place()) return;
  if (about) {
    for (const old of place().querySelectorAll(`[data-about="${about}"]`)) old.remove();
    copy.dataset.about = about;
  }
  if (level) copy.classList.add(`toast--${level}`);
  copy.querySelector(".toast__text").textContent = text;
  place().append(copy);
  watch(copy);
}

function watch(element) {
  if (element.matches(".toast--bad, .toast--warn")) return;
  let timer = setTimeout(() => element.remove(), LASTS);
  const hold = () => clearTimeout(timer);
  const release = () => {
    clearTimeout(timer);
    timer = setTimeout(() => element.remove(), LASTS);
  };
  element.addEventListener("pointerenter", hold);
  element.addEventListener("focusin", hold);
  element.addEventListener("pointerleave", release);
  element.addEventListener("focusout", release);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-toast-close]")?.closest(".toast").remove();
});

document.addEventListener("toast", (event) => {
  toast(event.detail.text ?? event.detail.value, event.detail.level, event.detail.about);
});

for (const element of document.querySelectorAll("#toasts .toast")) watch(element);
