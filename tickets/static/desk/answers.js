// What the server refuses. A fragment marked X-Desk-Swap takes its place on the page, with everything typed still in it;
// any other refusal becomes a toast with the server's sentence, and nothing on the page is replaced. A ticket that is no
// longer ours to see is closed. While nothing answers at all, a line says so and that nothing written is lost.
const live = document.getElementById("live");
const offline = document.getElementById("offline");

const toast = (text, level) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, level } }));

function sentence(xhr) {
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  return page.querySelector(".notice p, .lead")?.textContent.trim() || live.dataset.failed;
}

function closeTicket() {
  const main = document.getElementById("main");
  main.replaceChildren(document.getElementById("nothing-open").content.cloneNode(true));
  document.getElementById("pane-card").replaceChildren();
  document.dispatchEvent(new CustomEvent("ticket:closed"));
}

// htmx tells what came of a request on the element that asked, and looks around it for the places of the answer's other
// parts (hx-swap-oob). A list that was read again meanwhile has taken a clicked row off the page: nobody would hear of its
// answer, and the last customer's card would stay beside the new ticket. What was taken off stands on the page again, out of
// sight, until its answer is dealt with.
function standAgain(element, xhr) {
  if (element.isConnected) return;
  let lost = element;
  while (lost.parentElement) lost = lost.parentElement;
  const limbo = document.createElement("div");
  limbo.hidden = true;
  limbo.append(lost);
  document.body.append(limbo);
  xhr.addEventListener("loadend", () => limbo.remove());
}

document.addEventListener("htmx:beforeSend", ({ detail }) => {
  const { xhr, requestConfig } = detail;
  xhr.addEventListener("readystatechange", () => {
    if (xhr.readyState === XMLHttpRequest.DONE) standAgain(requestConfig.elt, xhr);
  });
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr, requestConfig } = detail;
  offline.hidden = true;
  if (xhr.getResponseHeader("X-Desk-Swap")) {
    detail.shouldSwap = true;
    detail.isError = false;
  } else if (xhr.status === 404 && requestConfig.elt.closest("#talk") && requestConfig.verb === "get") {
    closeTicket();
  } else if (xhr.status >= 400 && xhr.status !== 401 && !requestConfig.elt.dataset.refresh) {
    toast(sentence(xhr), "bad");
  }
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    offline.hidden = false;
    if (detail.requestConfig.verb === "post" && detail.elt.matches("form")) toast(live.dataset.unsent, "bad");
  });
}
