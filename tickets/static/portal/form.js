// A form that came back shows what is wrong first; one that is being sent is not sent a second time, and says so.

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

// Going back to the page by the browser's button must not find it locked.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("[data-once][aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
});
