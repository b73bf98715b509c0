// Reports every 10 s that the page is open, which marks the agent as connected.
const live = document.getElementById("live");
const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

function sendHeartbeat() {
  fetch(live.dataset.heartbeat, { method: "POST", headers: { "X-CSRFToken": token() } }).catch(() => {});
}

if (live.dataset.heartbeat) {
  sendHeartbeat();
  setInterval(sendHeartbeat, 10_000);
}
