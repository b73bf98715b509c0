// Error responses. A fragment with X-Desk-Swap is swapped in, with everything that was typed; any other error becomes a
// toast with the server's sentence, and nothing is replaced. A ticket that may no longer be seen is closed. While the
// server cannot be reached, a line says so, and that nothing written is lost.
const live = document.getElementById("live");
const offline = document.getElementById("offline");

const toast = (text, level) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, level } }));

function readSentence(xhr) {
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  return page.querySelector(".notice p, .lead")?.textContent.trim() || live.dataset.failed;
}

function closeTicket() {
  const main = document.getElementById("main");
  main.replaceChildren(document.getElementById("nothing-open").content.cloneNode(true));
  document.getElementById("pane-card").replaceChildren();
  document.dispatchEvent(new CustomEvent("ticket:closed"));
}

// htmx fires a request's events on its element, and searches for the places of out-of-band parts (hx-swap-oob) from there.
// If the list was reloaded meanwhile, a clicked row is no longer in the document: its response would be lost, and the
// previous customer's card would stay next to the new ticket. So the removed element is attached again, hidden, until
// the response has been handled.
function reattach(element, xhr) {
  if (element.isConnected) return;
  let removed = element;
  while (removed.parentElement) removed = removed.parentElement;
  const holder = document.createElement("div");
  holder.hidden = true;
  holder.append(removed);
  document.body.append(holder);
  xhr.addEventListener("loadend", () => holder.remove());
}

document.addEventListener("htmx:beforeSend", ({ detail }) => {
  const { xhr, requestConfig } = detail;
  xhr.addEventListener("readystatechange", () => {
    if (xhr.readyState === XMLHttpRequest.DONE) reattach(requestConfig.elt, xhr);
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
    toast(readSentence(xhr), "bad");
  }
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    offline.hidden = false;
    if (detail.requestConfig.verb === "post" && detail.elt.matches("form")) toast(live.dataset.unsent, "bad");
  });
}
