// The script's server, the channel's key, and the page's options in data- attributes.
const { dataset: asked, src } = document.currentScript;
const { origin: server, searchParams } = new URL(src);
const key = asked.key || searchParams.get("key");
const language = /^fr/i.test(asked.lang || document.documentElement.lang || navigator.language) ? "fr" : "en";
const place = document.getElementById(asked.place);

// A request's page links here with its id and a pass: that chat is stored apart from others.
const [, request, pass] = (place && /^#(\w{14})\/([\w:.-]+)$/.exec(location.hash)) || [];

// What is kept beyond this page: the token, messages that are not stored yet, the draft, and the visitor's
// name and address. The pages of one site share it, so each writes only its own changes.
const slot = `tandem.${key}${request ? `.${request}` : ""}`;
const memory = { token: "", unsent: [], draft: "", name: "", email: "", ...load("localStorage") };

function load(area) {
  try {
    return JSON.parse(window[area].getItem(slot));
  } catch {} // without storage, the conversation lasts as long as the page is open
}

function save(changes) {
  Object.assign(memory, load("localStorage"), changes);
  store("localStorage", memory);
}

function store(area, value) {
  try {
    window[area].setItem(slot, JSON.stringify(value));
  } catch {}
}

// The unsent messages of the site's other pages are in this list too, so it is loaded first.
function saveUnsent(change) {
  save();
  save({ unsent: change(memory.unsent) });
}
