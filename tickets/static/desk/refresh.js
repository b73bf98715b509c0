// Decides which fragments are reloaded, and when. A "hint" (a change elsewhere) or "changed" (a change by this page)
// concerns some parts of the page; elements with data-refresh="<part>" get a "refresh" event after a short delay, lists
// at most every two seconds.
const PAUSE = { list: 2000, offers: 500 };
const GATHER = 150;
const wanted = new Set();
const waiting = new Set();
const sent = new Map();
const last = {};
let timer = null;

const openNumber = () => Number(document.getElementById("talk")?.dataset.number) || null;

function findParts({ kind = "", ticket = null }) {
  if (kind === "readers" || kind.startsWith("typing.")) return [];
  if (kind === "again") return ["list", "offers"];
  const all = kind === "poll" || kind === "reconnected" || kind === "";
  const here = all || ticket === openNumber();
  const names = kind.startsWith("delivery.") ? [] : ["list"];
  if (all || /^(assignment|queue|transfer|agent)/.test(kind)) names.push("offers", "presence");
  if (here) names.push("thread", "head");
  if (here && (all || /^(assignment|transfer)/.test(kind))) names.push("assignment", "why");
  if (here && (all || /^(promise|participant|identity|customer|ticket\.customer|message\.out)/.test(kind))) names.push("card", "recipients");
  return names;
}

function isScrolledDown() {
  const list = document.getElementById("pane-list");
  return list.scrollTop > 300 && list.querySelectorAll(".work-row").length > 25;
}

const isSending = (part) => [...sent.values()].some((element) => element !== part && part.contains(element));

function refresh(name) {
  last[name] = Date.now();
  if (name === "list" && isScrolledDown()) return; // not while somebody reads further down the list
  for (const part of document.querySelectorAll(`[data-refresh="${name}"]`)) {
    if (isSending(part)) waiting.add(name);
    else htmx.trigger(part, "refresh");
  }
}

function refreshDue() {
  timer = null;
  let rest = 0;
  for (const name of [...wanted]) {
    const left = (last[name] ?? 0) + (PAUSE[name] ?? 0) - Date.now();
    if (left > 0) {
      rest = Math.max(rest, left);
    } else {
      wanted.delete(name);
      refresh(name);
    }
  }
  if (wanted.size) timer = setTimeout(refreshDue, rest);
}

function schedule(names) {
  for (const name of names) wanted.add(name);
  timer ??= setTimeout(refreshDue, GATHER);
}

document.addEventListener("hint", (event) => schedule(findParts(event.detail)));
document.addEventListener("changed", (event) => {
  delete last.list;
  schedule(findParts({ ticket: event.detail.ticket ?? openNumber() }));
});

document.addEventListener("htmx:beforeSend", ({ detail: { xhr, requestConfig } }) => {
  if (requestConfig.verb === "get") return;
  sent.set(xhr, requestConfig.elt);
  xhr.addEventListener("loadend", () => {
    sent.delete(xhr);
    schedule(waiting);
    waiting.clear();
  });
});

// Drops a response that was requested before the person sent something, and arrives while that is on its way.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const name = detail.requestConfig.elt.dataset.refresh;
  if (!name || !isSending(detail.target)) return;
  detail.shouldSwap = false;
  waiting.add(name);
});
