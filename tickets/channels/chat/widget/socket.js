// The connection: a websocket, opened when needed and again after a break; until then, the same frames go by
// requests. After a break the server sends the messages after the last number that the page has.
const PING = 25000;
const SILENT = 4000; // a socket without a frame for so long is blocked on the way
let socket, timer, poll;
let welcome = false; // frames can be sent, by the socket or by requests
let isLive = false; // the socket works
let resting = false;
let pause = 1000;
let heardAt = 0;
let conversation = "";
let last = 0;
let seen = 0;
let sentSeen = 0;

function connect() {
  if (socket) return;
  clearTimeout(timer);
  if (polling) return void (timer = setTimeout(connect, 200)); // its response may have the token
  memory.token ||= load("localStorage")?.token || "";
  resting = false;
  let patience;
  const opening = (socket = new WebSocket(`${server.replace("http", "ws")}/ws/chat/${key}/`));
  const lose = ({ code }) => {
    clearTimeout(patience);
    if (socket !== opening) return;
    opening.onclose = opening.onmessage = null;
    opening.close();
    reconnect(code);
  };
  patience = setTimeout(lose, SILENT, {});
  opening.onopen = () => opening.send(JSON.stringify(hello()));
  opening.onmessage = ({ data }) => {
    clearTimeout(patience);
    heardAt = Date.now();
    isLive = true;
    handle(JSON.parse(data));
  };
  opening.onclose = lose;
}

function hello() {
  const page = location.origin + location.pathname;
  return { type: "hello", token: memory.token, conversation, last, language, page, request: pass };
}

function handle(frame) {
  FRAMES[frame.type]?.(frame);
}

// Sends by requests until there is a socket again, and tries to connect after a pause.
async function reconnect(code, byRequest) {
  if (isLive || byRequest) welcome = isSending = false;
  socket = null;
  isLive = false;
  if (code === 4401) forget();
  resting = code === 4408 || code === 1000;
  clearTimeout(timer);
  clearTimeout(poll);
  if (resting) return;
  const wait = code === 4401 ? 0 : code === 4429 ? 6e4 : pause * (0.5 + Math.random());
  pause = Math.min(pause * 2, 3e4);
  if (wait && !byRequest) await pollServer();
  clearTimeout(timer);
  if (!resting) timer = setTimeout(connect, wait);
}

function forget() {
  save({ token: "" });
  conversation = "";
  last = seen = sentSeen = 0;
}

function sendFrame(frame) {
  if (!welcome) return;
  if (isLive) return socket.send(JSON.stringify(frame));
  if (frame.type === "typing" || frame.type === "ping") return;
  waiting.push(frame);
  pollServer();
}

function noteSeen() {
  if (opened && isAtEnd() && !document.hidden) seen = last;
  showUnread();
  if (seen <= sentSeen || !welcome) return;
  sentSeen = seen;
  sendFrame({ type: "seen", seq: seen });
}

setInterval(() => {
  if (isLive && Date.now() - heardAt > PING * 2) socket.onclose({});
  sendFrame({ type: "ping" });
  refresh();
}, PING);
document.addEventListener("visibilitychange", () => {
  noteSeen();
  if (opened && resting && memory.token) connect();
});
