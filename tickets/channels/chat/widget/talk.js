// What the visitor says: kept until it is acknowledged, sent one by one, and again after every break.
let underWay = false;
let typedAt = 0;

function typed(event) {
  // Safari's Enter that ends a composition says so only by its key code.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) return send();
  if (Date.now() - typedAt < 4000) return;
  typedAt = Date.now();
  tell({ type: "typing" });
}

function send() {
  const said = { client_id: newId(), text: box.value.trim() };
  if (!said.text) return false;
  keepUnsent((unsent) => [...unsent, said]);
  showPending(said);
  box.value = "";
  keep({ draft: "" });
  connect();
  pump();
  return false; // as an event's handler: nothing else happens
}

// crypto.randomUUID is missing on pages without TLS.
const newId = () =>
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16),
  );

function pump() {
  if (!memory.unsent[0] || underWay || !welcome) return;
  underWay = true;
  tell({ type: "say", ...memory.unsent[0] });
}

function acknowledged(ack) {
  settle(ack);
  drop(ack.client_id);
}

function refused({ code, client_id, sentence }) {
  if (code === "bad_email") keep({ email: "" });
  if (!client_id) return tellNote(sentence);
  if (/later|too_many/.test(code)) return setTimeout(drop, 5000);
  pending.get(client_id)?.querySelector("time").replaceChildren(t("unsent"), " ", sentence);
  drop(client_id);
}

function drop(id) {
  keepUnsent((unsent) => unsent.filter((said) => said.client_id !== id));
  underWay = false;
  pump();
}
