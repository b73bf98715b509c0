// Where the script stands: its own server, the channel's key, and what the page asks for in data- attributes.
const { dataset: asked, src } = document.currentScript;
const { origin: server, searchParams } = new URL(src);
const key = asked.key || searchParams.get("key");
const language = /^fr/i.test(asked.lang || document.documentElement.lang || navigator.language) ? "fr" : "en";
const place = document.getElementById(asked.place);

// The page of a request leads here with its own id and a pass: that chat is kept apart from any other.
const [, request, pass] = (place && /^#(\w{14})\/([\w:.-]+)$/.exec(location.hash)) || [];

// What a conversation needs beyond this page: its token, what was said but is not stored yet, the sentence
// that was begun, and where its visitor is answered. Pages of one site share it, so each writes only its change.
const slot = `tandem.${key}${request ? `.${request}` : ""}`;
const memory = { token: "", unsent: [], draft: "", name: "", email: "", ...recall("localStorage") };

function recall(store) {
  try {
    return JSON.parse(window[store].getItem(slot));
  } catch {} // no storage here: the conversation lasts as long as the page is open
}

function keep(changes) {
  Object.assign(memory, recall("localStorage"), changes);
  write("localStorage", memory);
}

function write(store, value) {
  try {
    window[store].setItem(slot, JSON.stringify(value));
  } catch {}
}

// What other pages of the site wait to have stored belongs to this list too.
function keepUnsent(change) {
  keep();
  keep({ unsent: change(memory.unsent) });
}
