// The conversation: each message once, ordered by number; those not stored yet are at the end.
const shown = new Map();
const pending = new Map();

function show(line) {
  settle(line);
  if (shown.has(line.seq)) return;
  put(buildLine(line), line.seq);
}

function buildLine(line) {
  const when = el("time", {}, line.at ? clock(line.at) : t("sending"));
  const who = el("p.small", {}, el("b", {}, line.name || t("you")), " ", when);
  const text = el("p.text", {}, ...addLinks(line.text));
  return el(`div.line.${line.from}`, {}, who, text, ...(line.files || []).map(buildFile));
}

const buildFile = (file) => el("button.file", { onclick: () => sendFrame({ type: "file", id: file.id }) }, t("file", file));

function put(node, seq) {
  if (seq) shown.set(seq, node);
  node.seq = seq;
  const follows = isAtEnd() || !seq; // a reader further up stays there, except for their own message
  log.insertBefore(node, [...log.children].find((other) => seq && !(other.seq < seq)) || null);
  if (follows) scroll.scrollTop = 1e6;
}

const isAtEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
const countUnread = () => [...shown.values()].filter((node) => node.matches(".us") && node.seq > seen).length;

function showPending(message) {
  const node = buildLine({ ...message, from: "you" });
  pending.set(message.client_id, node);
  put(node);
}

function settle({ client_id, seq, at }) {
  const node = pending.get(client_id);
  if (!node) return;
  pending.delete(client_id);
  node.remove();
  if (shown.has(seq)) return;
  node.querySelector("time").textContent = clock(at);
  put(node, seq);
}

function clearLog() {
  for (const node of shown.values()) node.remove();
  shown.clear();
  seen = sentSeen = 0;
}
