// Agents in the same ticket see each other: the page reports every 12 s that it shows the ticket, and at once when its
// agent begins or stops writing a reply (not a note, since chat customers see who is writing). The response shows the
// other readers. A lost report does no harm.
const REPORT_EVERY = 12_000;
const STOPPED = 8_000;
let open = null;
let writing = false;
let stops = null;
let visitor = null;

const talk = () => document.getElementById("talk");
const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

function reportReading() {
  if (!talk() || document.hidden) return;
  const seen = document.getElementById("thread").dataset.lastSeq;
  const values = { seen, writing: writing ? 1 : 0 };
  htmx.ajax("POST", talk().dataset.readers, { source: talk(), target: "#readers", values });
}

function reportLeaving() {
  if (!open) return;
  const body = new URLSearchParams({ left: 1 });
  fetch(open, { method: "POST", keepalive: true, headers: { "X-CSRFToken": token() }, body }).catch(() => {});
  open = null;
}

function showVisitorTyping() {
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
  reportReading();
}

document.addEventListener("ticket:opened", () => {
  const next = talk()?.dataset.readers ?? null;
  if (open !== next) reportLeaving();
  open = next;
  writing = false;
  reportReading();
});
document.addEventListener("ticket:closed", reportLeaving);
document.addEventListener("thread:shown", reportReading);
document.addEventListener("hint", ({ detail }) => {
  if (detail.ticket !== Number(talk()?.dataset.number)) return;
  if (detail.kind === "readers") reportReading();
  if (detail.kind === "typing.visitor") showVisitorTyping();
});
document.addEventListener("input", (event) => {
  if (event.target.matches("#sheet-reply textarea")) setWriting(Boolean(event.target.value.trim()));
});
document.addEventListener("sent", () => setWriting(false));
document.addEventListener("visibilitychange", reportReading);
addEventListener("pagehide", reportLeaving);
setInterval(reportReading, REPORT_EVERY);
if (talk()) {
  open = talk().dataset.readers;
  reportReading();
}
