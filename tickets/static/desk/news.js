// Shows the number of new tickets and offers in the page's title, and plays a soft tone when it grows, if wanted.
const live = document.getElementById("live");
const end = document.title.includes(" · ") ? document.title.slice(document.title.lastIndexOf(" · ")) : "";
const first = document.title;
let before = null;
let audio = null;

function playTone() {
  audio ??= new AudioContext();
  const [sound, volume] = [audio.createOscillator(), audio.createGain()];
  sound.frequency.value = 660;
  volume.gain.setValueAtTime(0.0001, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.12, audio.currentTime + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.45);
  sound.connect(volume).connect(audio.destination);
  sound.start();
  sound.stop(audio.currentTime + 0.5);
}

function updateTitle() {
  const count = Number(document.getElementById("nav")?.dataset.new) + document.querySelectorAll("#offers .offer").length;
  const title = document.getElementById("talk")?.dataset.title;
  document.title = (count ? `(${count}) ` : "") + (title ? title + end : first.replace(/^\(\d+\) /, ""));
  if (before !== null && count > before && live.dataset.sound) playTone();
  before = count;
}

for (const name of ["htmx:afterSettle", "ticket:opened", "ticket:closed"]) document.addEventListener(name, updateTitle);
updateTitle();
