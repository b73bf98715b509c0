// The websocket for hints, which become "hint" events on the document. They have no content: the page reloads what has
// changed. While the socket is down it reconnects with growing pauses, and a hint "poll" is fired every 15 s; while it is
// open, a hint "again" reloads the lists, because hints may be lost.
const live = document.getElementById("live");
const POLL = 15_000;
const MAX_PAUSE = 30_000;
let socket = null;
let tries = 0;
let wasDown = false;

const hint = (detail) => document.dispatchEvent(new CustomEvent("hint", { detail }));
const isOpen = () => socket?.readyState === WebSocket.OPEN;

function watch() {
  const number = Number(document.getElementById("talk")?.dataset.number) || null;
  if (isOpen()) socket.send(JSON.stringify({ watch: number }));
}

function connect() {
  const address = new URL(live.dataset.socket, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(address);
  socket.addEventListener("open", () => {
    tries = 0;
    live.dataset.state = "open";
    watch();
    if (wasDown) hint({ kind: "reconnected" });
    wasDown = false;
  });
  socket.addEventListener("message", (event) => hint(JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    live.dataset.state = "down";
    wasDown = true;
    const pause = Math.min(MAX_PAUSE, 1000 * 2 ** tries) * (0.5 + Math.random());
    tries += 1;
    setTimeout(connect, pause);
  });
}

for (const name of ["ticket:opened", "ticket:closed"]) document.addEventListener(name, watch);

setInterval(() => {
  if (!isOpen()) hint({ kind: "poll" });
  else if (!document.hidden) hint({ kind: "again" });
}, POLL);

connect();
