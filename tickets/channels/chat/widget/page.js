// Where the script stands: its own server, the channel's key, and what the page asks for in data- attributes.
const { dataset: asked, src } = document.currentScript;
const { origin: server, searchParams } = new URL(src);
const key = asked.key || searchParams.get("key");
const language = /^fr/i.test(asked.lang || document.documentElement.lang || navigator.language) ? "fr" : "en";
const place = document.getElementById(asked.place);

// What a conversation needs beyond this page: its token, and what was said but is not stored yet.
const slot = `tandem.${key}`;
const memory = { token: "", unsent: [], ...recall() };

function recall() {
  try {
    return JSON.parse(localStorage.getItem(slot));
  } catch {} // no storage here: the conversation lasts as long as the page is open
}

function keep() {
  try {
    localStorage.setItem(slot, JSON.stringify(memory));
  } catch {}
}
