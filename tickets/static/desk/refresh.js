// Which fragments are read again, and when. A "hint" (something happened somewhere) or "changed" (this page did
// something) names parts of the page; elements with data-refresh="<part>" get a "refresh" event, gathered for a moment
// and, for lists, at most every two seconds.
const PAUSE = { list: 2000, offers: 500 };
const GATHER = 150;
const wanted = new Set();
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
  if (here && (all || /^(promise|participant|identity|customer|ticket\.customer|message\.out)/.test(kind))) found.push("card");
  return found;
}

function readsOn() {
  const list = document.getElementById("pane-list");
  return list.scrollTop > 300 && list.querySelectorAll(".work-row").length > 25;
}

function refresh(name) {
  last[name] = Date.now();
  if (name === "list" && readsOn()) return; // somebody is further down: the next opening of the list is fresh
  const presence = document.getElementById("presence");
  if (name === "presence" && presence) htmx.ajax("GET", presence.getAttribute("hx-get"), { target: presence });
  for (const element of document.querySelectorAll(`[data-refresh="${name}"]`)) htmx.trigger(element, "refresh");
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
