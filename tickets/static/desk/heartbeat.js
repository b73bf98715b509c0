// While this page is open its person is there: a beat every 10 s, as long as the browser lets it.
const live = document.getElementById("live");
const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

function beat() {
  fetch(live.dataset.heartbeat, { method: "POST", headers: { "X-CSRFToken": token() } }).catch(() => {});
}

if (live.dataset.heartbeat) {
  beat();
  setInterval(beat, 10_000);
}
