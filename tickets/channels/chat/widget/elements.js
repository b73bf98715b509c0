// Elements without HTML in texts: whatever a person wrote is only ever text.
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

function bubble() {
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

function clock(moment) {
  const at = new Date(moment);
  const isToday = at.toDateString() === new Date().toDateString();
  const day = isToday ? {} : { weekday: "long", day: "numeric", month: "long" };
  return at.toLocaleString(language, { ...day, hour: "numeric", minute: "2-digit" });
}

function withLinks(text) {
  const parts = text.split(/(https?:\/\/[^\s<>"]*[\w/&=#-])/);
  return parts.map((href, at) => (at % 2 ? el("a", { href, target: "_blank", rel: "noopener" }, href) : href));
}
