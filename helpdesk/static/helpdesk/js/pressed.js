// Which button was pressed. htmx forgets it when the focus leaves the form before the form is sent, as a menu that closes
// makes it do; the browser's own submit event names it in any case, and its value goes with the form. Enter in a field
// inside data-enter="name" presses the form's button of that name, not the form's first one.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const button = detail.triggeringEvent?.submitter;
  if (button?.name) detail.parameters[button.name] = button.value;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-enter] input")) return;
  const { enter: name } = event.target.closest("[data-enter]").dataset;
  event.preventDefault();
  event.target.form.querySelector(`button[name="${name}"]`)?.click();
});
