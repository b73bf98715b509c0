// Which fragments are read again, and when. A "hint" (something happened somewhere) or "changed" (this page did
// something) names parts of the page; elements with data-refresh="<part>" get a "refresh" event, gathered for a moment
// and, for lists, at most every two seconds.
const PAUSE = { list: 2000, offers: 500 };
const GATHER = 150;
const wanted = new Set();
const waiting = new Set();
const sent = new Map();
const last = {};
let timer = null;

const openNumber = () => Number(document.getElementById("talk")?.dataset.number) || null;

function parts({ kind = "", ticket = null }) {
  if (kind === "readers" || kind.startsWith("typing.")) return [];
  if (kind === "again") return ["list", "offers"];
  const all = kind === "poll" || kind === "reconnected" || kind === "";
  const here = all || ticket === openNumber();
  const found = kind.startsWith("delivery.") ? [] : ["list"];
  if (all || /^(assignment|queue|transfer|agent)/.test(kind)) found.push("offers", "presence");
  if (here) found.push("thread", "head");
  if (here && (all || /^(assignment|transfer)/.test(kind))) found.push("assignment", "why");
  if (here && (all || /^(promise|participant|identity|customer|ticket\.customer|message\.out)/.test(kind))) found.push("card", "recipients");
  return found;
}

function readsOn() {
  const list = document.getElementById("pane-list");
  return list.scrollTop > 300 && list.querySelectorAll(".work-row").length > 25;
}

const isSending = (part) => [...sent.values()].some((element) => element !== part && part.contains(element));

function refresh(name) {
  last[name] = Date.now();
  if (name === "list" && readsOn()) return; // somebody is further down: the next opening of the list is fresh
  for (const part of document.querySelectorAll(`[data-refresh="${name}"]`)) {
    if (isSending(part)) waiting.add(name);
    else htmx.trigger(part, "refresh");
  }
}

function run() {
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
  if (wanted.size) timer = setTimeout(run, rest);
}

function ask(names) {
  for (const name of names) wanted.add(name);
  timer ??= setTimeout(run, GATHER);
}

document.addEventListener("hint", (event) => ask(parts(event.detail)));
document.addEventListener("changed", (event) => {
  delete last.list;
  ask(parts({ ticket: event.detail.ticket ?? openNumber() }));
});

document.addEventListener("htmx:beforeSend", ({ detail: { xhr, requestConfig } }) => {
  if (requestConfig.verb === "get") return;
  sent.set(xhr, requestConfig.elt);
  xhr.addEventListener("loadend", () => {
    sent.delete(xhr);
    ask(waiting);
    waiting.clear();
  });
});

// What was read before somebody sent something, and arrives after.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const name = detail.requestConfig.elt.dataset.refresh;
  if (!name || !isSending(detail.target)) return;
  detail.shouldSwap = false;
  waiting.add(name);
});
