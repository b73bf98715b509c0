// Focuses the first error of a form, and prevents a form from being sent twice.

document.querySelector("[data-focus-first]")?.focus();

document.querySelectorAll("[data-once]").forEach((button) => {
  button.form?.addEventListener("submit", (event) => {
    const files = button.form.querySelector("input[type=file]");
    if (files?.validationMessage) {
      event.preventDefault();
      files.focus();
      return;
    }
    if (button.getAttribute("aria-busy") === "true") event.preventDefault();
    button.setAttribute("aria-busy", "true");
  });
});

// The browser's back button must not show a locked form.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("[data-once][aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
});
