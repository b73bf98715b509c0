// Two people in one ticket see each other: this page says every 12 s that it shows the ticket, and at once when somebody
// begins or stops writing a reply (a note is not told: in a chat the customer sees it); the answer says who else is
// there. Nothing depends on it arriving.
const BEAT = 12_000;
const STOPPED = 8_000;
let open = null;
let writing = false;
let stops = null;
let visitor = null;

const talk = () => document.getElementById("talk");
const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

function beat() {
  if (!talk() || document.hidden) return;
  const seen = document.getElementById("thread").dataset.lastSeq;
  const values = { seen, writing: writing ? 1 : 0 };
  htmx.ajax("POST", talk().dataset.readers, { source: talk(), target: "#readers", values });
}

function leave() {
  if (!open) return;
  const body = new URLSearchParams({ left: 1 });
  fetch(open, { method: "POST", keepalive: true, headers: { "X-CSRFToken": token() }, body }).catch(() => {});
  open = null;
}

function visitorWrites() {
  const place = document.getElementById("visitor");
  place.hidden = false;
  clearTimeout(visitor);
  visitor = setTimeout(() => (place.hidden = true), STOPPED);
}

function setWriting(now) {
  clearTimeout(stops);
  if (now) stops = setTimeout(() => setWriting(false), STOPPED);
  if (now === writing) return;
  writing = now;
  beat();
}

document.addEventListener("ticket:opened", () => {
  const next = talk()?.dataset.readers ?? null;
  if (open !== next) leave();
  open = next;
  writing = false;
  beat();
});
document.addEventListener("ticket:closed", leave);
document.addEventListener("thread:shown", beat);
document.addEventListener("hint", ({ detail }) => {
  if (detail.ticket !== Number(talk()?.dataset.number)) return;
  if (detail.kind === "readers") beat();
  if (detail.kind === "typing.visitor") visitorWrites();
});
document.addEventListener("input", (event) => {
  if (event.target.matches("#sheet-reply textarea")) setWriting(Boolean(event.target.value.trim()));
});
document.addEventListener("sent", () => setWriting(false));
document.addEventListener("visibilitychange", beat);
addEventListener("pagehide", leave);
setInterval(beat, BEAT);
if (talk()) {
  open = talk().dataset.readers;
  beat();
}
