// The button and the panel: a dialog that opens, keeps the keyboard inside, and gives the focus back.
const host = el("div", { id: place ? "tandem-page" : "tandem-chat", lang: language });
const root = host.attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);
root.adoptedStyleSheets = [sheet];
let button, panel, scroll, log, note, standing, box, ending;
let unread = 0;
let opened = !!place;

function build(company) {
  standing = el("p.small");
  log = el("div", { role: "log", ariaLabel: t("log") });
  scroll = el("div.scroll", { tabIndex: 0, role: "group", ariaLabel: t("log") }, el("p.small", {}, t("human")), log);
  note = el("p.note.small", { role: "status" });
  asking = el("p.asking.small", { role: "status" });
  box = el("textarea", { rows: 2, maxLength: 4000, onkeydown: typed });
  const head = el("header", {}, el("h2", {}, company), standing);
  ending = el("button.quiet", { type: "button", onclick: () => tell({ type: "end" }) }, t("end"));
  const form = el("form", { onsubmit: send }, ...field("label", box), ending, el("button.go", {}, t("send")));
  const role = place ? "region" : "dialog";
  panel = el("section.panel", { role, ariaLabel: company }, head, scroll, asking, note, details(), form);
  root.append(panel);
  badge();
  if (place) return;
  panel.hidden = true;
  panel.onkeydown = keys;
  head.append(el("button.shut", { onclick: toggle, ariaLabel: t("close") }, "×"));
  button = el("button.open", { onclick: toggle });
  root.prepend(button);
  badge();
}

function badge() {
  ending.hidden = !conversation;
  if (!button) return;
  const count = unread ? [el("b", {}, unread), el("i", {}, t("unread"))] : [];
  button.hidden = opened;
  button.replaceChildren(bubble(), t("open"), ...count);
}

function toggle() {
  opened = !opened;
  panel.hidden = !opened;
  if (opened) {
    unread = 0;
    connect();
    lookAround();
    noteSeen();
    scroll.scrollTop = 1e6;
  }
  badge();
  (opened ? box : button).focus();
}

function keys(event) {
  if (event.key === "Escape") toggle();
  if (event.key !== "Tab") return;
  const stops = [...panel.querySelectorAll("button,textarea,input,summary,a,.scroll")].filter((stop) => stop.offsetParent);
  if (event.shiftKey) stops.reverse();
  if (root.activeElement !== stops.at(-1)) return;
  stops[0].focus();
  return false;
}
