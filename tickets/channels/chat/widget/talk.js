// The visitor's messages: kept until they are acknowledged, sent one by one, and again after each break.
let isSending = false;
let typedAt = 0;

function onKeyDown(event) {
  // In Safari, only the key code shows that Enter ends an input-method composition.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) return send();
  if (Date.now() - typedAt < 4000) return;
  typedAt = Date.now();
  sendFrame({ type: "typing" });
}

function send() {
  const message = { client_id: newId(), text: box.value.trim() };
  if (!message.text) return false;
  saveUnsent((unsent) => [...unsent, message]);
  showPending(message);
  box.value = "";
  save({ draft: "" });
  connect();
  sendNext();
  return false; // prevents the form's default action
}

// crypto.randomUUID is missing on pages without TLS.
const newId = () =>
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16),
  );

function sendNext() {
  if (!memory.unsent[0] || isSending || !welcome) return;
  isSending = true;
  sendFrame({ type: "say", ...memory.unsent[0] });
}

function onAck(ack) {
  settle(ack);
  drop(ack.client_id);
}

function onRefused({ code, client_id, sentence }) {
  if (code === "bad_email") save({ email: "" });
  if (!client_id) return showNote(sentence);
  if (/later|too_many/.test(code)) return setTimeout(drop, 5000);
  pending.get(client_id)?.querySelector("time").replaceChildren(t("unsent"), " ", sentence);
  drop(client_id);
}

function drop(id) {
  saveUnsent((unsent) => unsent.filter((message) => message.client_id !== id));
  isSending = false;
  sendNext();
}
