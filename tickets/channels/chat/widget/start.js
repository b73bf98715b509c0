// Loads the availability of agents first; if that fails, the page gets a plain link to the chat's own page.
let loadedAt = 0;

async function loadStatus() {
  const answer = await fetch(`${server}/channels/chat/${key}/status/?lang=${language}`);
  loadedAt = Date.now();
  return answer.ok && answer.json();
}

async function refresh() {
  if (conversation || !opened || Date.now() - loadedAt < 6e4) return;
  const status = await loadStatus().catch(() => 0);
  if (status) showPresence(status);
}

async function start() {
  try {
    const status = await loadStatus();
    if (!status) return;
    words = status.words;
    build(status);
    showPresence(status);
    memory.unsent.forEach(showPending);
    if (place || memory.token || memory.unsent[0]) connect();
  } catch {
    root.append(el("a.open", { href: `${server}/chat/?key=${key}`, target: "_blank" }, "Chat"));
  }
  (place || document.body).append(host);
}

if (document.body) start();
else addEventListener("DOMContentLoaded", start);
