// Where sockets are blocked: the same frames in a request, and its answer; asked again every few seconds.
const WATCHED = 3000; // milliseconds between two requests while somebody looks, else UNWATCHED
const UNWATCHED = 20000;
let waiting = [];
let exchanging = false;

async function exchange() {
  if (exchanging || isLive || rests) return;
  exchanging = true;
  clearTimeout(poll);
  const frames = waiting.splice(0);
  let closes;
  try {
    // As plain text the browser asks no leave of the server first.
    const said = { method: "POST", body: JSON.stringify([hello(), ...frames]), signal: AbortSignal.timeout(1e4) };
    const answer = await fetch(`${server}/channels/chat/${key}/frames/`, said);
    if (!answer.ok) throw answer;
    const found = await answer.json();
    found.forEach(take);
    closes = found.find((frame) => frame.type === "close");
  } catch {
    waiting.unshift(...frames.filter(({ type }) => type !== "say")); // words are kept and told again anyway
    welcome = underWay = false;
    tellNote(t("offline"));
  }
  exchanging = false;
  if (closes) return broken(closes.code, true);
  if (waiting[0]) return exchange();
  if (welcome && !isLive) poll = setTimeout(exchange, opened && !document.hidden ? WATCHED : UNWATCHED);
}
