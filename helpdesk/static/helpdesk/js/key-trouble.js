// A security key that does not answer is told on the page: allauth says it to the console only.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const notice of document.querySelectorAll("[data-key-trouble]")) notice.hidden = false;
});
