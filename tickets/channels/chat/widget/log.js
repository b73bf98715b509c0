// The conversation: each line once, in the order of its number; what is not stored yet stands at the end.
const shown = new Map();
const pending = new Map();

function show(line) {
  settle(line);
  if (shown.has(line.seq)) return;
  put(lineOf(line), line.seq);
}

function lineOf(line) {
  const when = el("time", {}, line.at ? clock(line.at) : t("sending"));
  const who = el("p.small", {}, el("b", {}, line.name || t("you")), " ", when);
  const text = el("p.text", {}, ...withLinks(line.text));
  return el(`div.line.${line.from}`, {}, who, text, ...(line.files || []).map(fileOf));
}

const fileOf = (file) => el("button.file", { onclick: () => tell({ type: "file", id: file.id }) }, t("file", file));

function put(node, seq) {
  if (seq) shown.set(seq, node);
  node.seq = seq;
  const goesOn = isAtEnd() || !seq; // whoever reads further up stays there; their own word shows itself
  log.insertBefore(node, [...log.children].find((other) => seq && !(other.seq < seq)) || null);
  if (goesOn) scroll.scrollTop = 1e6;
}

const isAtEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
const countUnread = () => [...shown.values()].filter((node) => node.matches(".us") && node.seq > seen).length;

function showPending(said) {
  const node = lineOf({ ...said, from: "you" });
  pending.set(said.client_id, node);
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

function startAnew() {
  for (const node of shown.values()) node.remove();
  shown.clear();
  seen = told = 0;
}
