// The connection: opened when needed and again when it breaks; what is missing is asked for by its number.
const PING = 25000;
let socket, timer;
let welcome = false;
let rests = false;
let pause = 1000;
let heard = 0;
let conversation = "";
let last = 0;
let seen = 0;

function connect() {
  if (socket) return;
  clearTimeout(timer);
  memory.token ||= recall()?.token || "";
  socket = new WebSocket(`${server.replace("http", "ws")}/ws/chat/${key}/`);
  socket.onopen = () => {
    heard = Date.now();
    const page = location.origin + location.pathname;
    raw({ type: "hello", token: memory.token, conversation, last, language, page });
  };
  socket.onmessage = ({ data }) => {
    heard = Date.now();
    const frame = JSON.parse(data);
    FRAMES[frame.type]?.(frame);
  };
  socket.onclose = ({ code }) => broken(code);
}

function broken(code) {
  socket = null;
  welcome = underWay = false;
  if (code === 4401) forget();
  rests = code === 4408 || code === 1000;
  if (rests) return;
  tellNote(t("offline"));
  timer = setTimeout(connect, code === 4401 ? 0 : code === 4429 ? 6e4 : pause * (0.5 + Math.random()));
  pause = Math.min(pause * 2, 3e4);
}

function forget() {
  memory.token = conversation = "";
  last = 0;
  keep();
}

function raw(frame) {
  if (socket?.readyState === 1) socket.send(JSON.stringify(frame));
}

function tell(frame) {
  if (welcome) raw(frame);
}

function noteSeen() {
  if (!opened || last <= seen || document.hidden) return;
  seen = last;
  tell({ type: "seen", seq: last });
}

const FRAMES = {
  welcome({ token }) {
    welcome = true;
    pause = 1000;
    seen = 0;
    memory.token = token || memory.token;
    keep();
    tellNote("");
    if (introduction) tell(introduction);
    pump();
  },
  messages(frame) {
    if (frame.conversation !== conversation) startAnew();
    conversation = frame.conversation;
    const news = frame.lines.filter(show).length;
    if (!opened && last) unread += news;
    last = frame.upto;
    badge();
    noteSeen();
  },
  ack: acknowledged,
  refused,
  state: (frame) => (showState(frame), showChoice(frame)),
  file: ({ url }) => url && open(url, "_blank", "noopener"),
  ended() {
    forget();
    badge();
    tellNote(t("ended"));
  },
};

setInterval(() => {
  if (Date.now() - heard > PING * 2) socket?.close();
  tell({ type: "ping" });
}, PING);
document.addEventListener("visibilitychange", () => {
  noteSeen();
  if (opened && rests && memory.token) connect();
});
