// Polling where websockets are blocked: requests and responses have the same frames as the socket.
const VISIBLE = 3000; // milliseconds between two requests while the page is visible
const HIDDEN = 20000;
let waiting = [];
let polling = false;

async function pollServer() {
  if (polling || isLive || resting) return;
  polling = true;
  clearTimeout(poll);
  const frames = waiting.splice(0);
  let closes;
  try {
    // Sent as plain text, so that the browser makes no preflight request.
    const options = { method: "POST", body: JSON.stringify([hello(), ...frames]), signal: AbortSignal.timeout(1e4) };
    const answer = await fetch(`${server}/channels/chat/${key}/frames/`, options);
    if (!answer.ok) throw answer;
    const news = await answer.json();
    news.forEach(handle);
    closes = news.find((frame) => frame.type === "close");
  } catch {
    waiting.unshift(...frames.filter(({ type }) => type !== "say")); // messages are kept in `memory` and sent again anyway
    welcome = isSending = false;
    showNote(t("offline"));
  }
  polling = false;
  if (closes) return reconnect(closes.code, true);
  if (waiting[0]) return pollServer();
  if (welcome && !isLive) poll = setTimeout(pollServer, opened && !document.hidden ? VISIBLE : HIDDEN);
}
