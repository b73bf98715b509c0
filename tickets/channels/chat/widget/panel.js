// The button and the panel: a dialog that opens, keeps the keyboard inside, and gives the focus back.
const host = el("div", { id: place ? "tandem-page" : "tandem-chat", lang: language });
const root = host.attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);
root.adoptedStyleSheets = [sheet];
let button, panel, log, note, standing, box;
let unread = 0;
let opened = !!place;

function build(company) {
  standing = el("p.small");
  log = el("div.log", { role: "log", tabIndex: 0, ariaLabel: t("log") });
  note = el("p.note.small", { role: "status" });
  box = el("textarea", { rows: 2, maxLength: 4000, onkeydown: typed });
  const head = el("header", {}, el("h2", {}, company), standing);
  const form = el("form.write", { onsubmit: send }, ...field("label", box), el("button.go", {}, t("send")));
  const foot = el("footer.small", {}, t("human"), el("button.quiet", { onclick: () => tell({ type: "end" }) }, t("end")));
  const role = place ? "region" : "dialog";
  panel = el("section.panel", { role, ariaLabel: company }, head, log, note, details(), form, foot);
  root.append(panel);
  if (place) return;
  panel.hidden = true;
  panel.onkeydown = keys;
  head.append(el("button.shut", { onclick: toggle, ariaLabel: t("close") }, "×"));
  button = el("button.open", { onclick: toggle });
  root.prepend(button);
  badge();
}

function badge() {
  if (!button) return;
  const count = unread ? [el("b", {}, unread), el("i", {}, t("unread"))] : [];
  button.ariaExpanded = opened;
  button.replaceChildren(bubble(), t(opened ? "close" : "open"), ...count);
}

function toggle() {
  opened = !opened;
  panel.hidden = !opened;
  if (opened) {
    unread = 0;
    connect();
    lookAround();
    noteSeen();
    log.scrollTop = 1e6;
  }
  badge();
  (opened ? box : button).focus();
}

function keys(event) {
  if (event.key === "Escape") toggle();
  if (event.key !== "Tab") return;
  const stops = [...panel.querySelectorAll("button,textarea,input,summary,a,.log")].filter((stop) => stop.offsetParent);
  if (event.shiftKey) stops.reverse();
  if (root.activeElement !== stops.at(-1)) return;
  stops[0].focus();
  return false;
}
