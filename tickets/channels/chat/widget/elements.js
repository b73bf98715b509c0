// Builds elements without HTML strings, so that what people write is never read as HTML.
let words;

function el(kind, props, ...children) {
  const [name, ...classes] = kind.split(".");
  const node = document.createElement(name);
  node.className = classes.join(" ");
  for (const prop in props) {
    if (prop in node) node[prop] = props[prop];
    else node.setAttribute(prop, props[prop]);
  }
  node.append(...children);
  return node;
}

function icon() {
  const [svg, path] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.ariaHidden = true;
  path.setAttribute("d", "M4 5h16v11H9l-5 4z");
  svg.append(path);
  return svg;
}

function field(id, control) {
  control.id = id;
  return [el("label", { htmlFor: id }, t(id)), control];
}

const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (all, name) => values[name]);
const t = (word, values) => fill(words[word], values);

// Writes a moment like tickets/wording.py: "14:30", in French "14 h 30", with the date on another day.
function clock(moment) {
  const at = new Date(moment);
  const twoDigits = (number) => String(number).padStart(2, "0");
  const parts = { hour: at.getHours(), hours: twoDigits(at.getHours()), minutes: twoDigits(at.getMinutes()) };
  const time = t(at.getMinutes() ? "time" : "full_hour", parts);
  if (at.toDateString() === new Date().toDateString()) return time;
  const locale = language === "en" ? "en-GB" : language; // the day before the month, and no comma
  const day = at.toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long" });
  return t("day_and_time", { day, time });
}

function addLinks(text) {
  const parts = text.split(/(https?:\/\/[^\s<>"]*[\w/&=#-])/);
  return parts.map((href, at) => (at % 2 ? el("a", { href, target: "_blank", rel: "noopener" }, href) : href));
}
