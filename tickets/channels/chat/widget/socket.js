// The connection: a socket, opened when needed and again when it breaks; where there is none, requests carry
// the same frames. What is missing is asked for by its number.
const PING = 25000;
const SWALLOWED = 4000; // a socket that says nothing for so long is held back by something on the way
let socket, timer, poll;
let welcome = false; // frames can be told: by the socket, or by requests until there is one
let isLive = false; // by the socket
let rests = false;
let pause = 1000;
let heard = 0;
let conversation = "";
let last = 0;
let seen = 0;
let told = 0;

function connect() {
  if (socket) return;
  clearTimeout(timer);
  if (exchanging) return void (timer = setTimeout(connect, 200)); // its answer may bring the token
  memory.token ||= recall("localStorage")?.token || "";
  rests = false;
  let patience;
  const opening = (socket = new WebSocket(`${server.replace("http", "ws")}/ws/chat/${key}/`));
  const lose = ({ code }) => {
    clearTimeout(patience);
    if (socket !== opening) return;
    opening.onclose = opening.onmessage = null;
    opening.close();
    broken(code);
  };
  patience = setTimeout(lose, SWALLOWED, {});
  opening.onopen = () => opening.send(JSON.stringify(hello()));
  opening.onmessage = ({ data }) => {
    clearTimeout(patience);
    heard = Date.now();
    isLive = true;
    take(JSON.parse(data));
  };
  opening.onclose = lose;
}

function hello() {
  const page = location.origin + location.pathname;
  return { type: "hello", token: memory.token, conversation, last, language, page, request: pass };
}

function take(frame) {
  FRAMES[frame.type]?.(frame);
}

// Until there is a socket again, what is said goes by requests; another try follows after a pause.
async function broken(code, byRequest) {
  if (isLive || byRequest) welcome = underWay = false;
  socket = null;
  isLive = false;
  if (code === 4401) forget();
  rests = code === 4408 || code === 1000;
  clearTimeout(timer);
  clearTimeout(poll);
  if (rests) return;
  const wait = code === 4401 ? 0 : code === 4429 ? 6e4 : pause * (0.5 + Math.random());
  pause = Math.min(pause * 2, 3e4);
  if (wait && !byRequest) await exchange();
  clearTimeout(timer);
  if (!rests) timer = setTimeout(connect, wait);
}

function forget() {
  keep({ token: "" });
  conversation = "";
  last = seen = told = 0;
}

function tell(frame) {
  if (!welcome) return;
  if (isLive) return socket.send(JSON.stringify(frame));
  if (frame.type === "typing" || frame.type === "ping") return;
  waiting.push(frame);
  exchange();
}

function noteSeen() {
  if (opened && isAtEnd() && !document.hidden) seen = last;
  badge();
  if (seen <= told || !welcome) return;
  told = seen;
  tell({ type: "seen", seq: seen });
}

setInterval(() => {
  if (isLive && Date.now() - heard > PING * 2) socket.onclose({});
  tell({ type: "ping" });
  lookAround();
}, PING);
document.addEventListener("visibilitychange", () => {
  noteSeen();
  if (opened && rests && memory.token) connect();
});
