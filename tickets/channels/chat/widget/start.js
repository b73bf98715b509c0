// Who is there comes first; without an answer the page gets a plain link to the chat's own page.
let lookedAt = 0;

async function ask() {
  const answer = await fetch(`${server}/channels/chat/${key}/status/?lang=${language}`);
  lookedAt = Date.now();
  return answer.ok && answer.json();
}

async function lookAround() {
  if (conversation || !opened || Date.now() - lookedAt < 6e4) return;
  const found = await ask().catch(() => 0);
  if (found) showPresence(found);
}

async function start() {
  try {
    const found = await ask();
    if (!found) return;
    words = found.words;
    build(found);
    showPresence(found);
    memory.unsent.forEach(showPending);
    if (place || memory.token || memory.unsent[0]) connect();
  } catch {
    root.append(el("a.open", { href: `${server}/chat/?key=${key}`, target: "_blank" }, "Chat"));
  }
  (place || document.body).append(host);
}

if (document.body) start();
else addEventListener("DOMContentLoaded", start);
