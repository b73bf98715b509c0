// The button and the panel: a dialog that keeps the focus inside while open, and returns it on closing.
const host = el("div", { id: place ? "tandem-page" : "tandem-chat", lang: language });
const root = host.attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet();
sheet.replaceSync(CSS);
root.adoptedStyleSheets = [sheet];
let button, panel, scroll, log, note, standing, box, ending, news;
let opened = !!place;

function build({ company, ways }) {
  standing = el("p.small");
  log = el("div", { role: "log", ariaLabel: t("log") });
  const reading = { tabIndex: 0, role: "group", ariaLabel: t("log"), onscroll: noteSeen };
  scroll = el("div.scroll", reading, el("p.small", {}, t("human")), log);
  news = el("button.news", { onclick: () => (scroll.scrollTop = 1e6) });
  note = el("p.note.small", { role: "status" });
  asking = el("p.asking.small", { role: "status" });
  const draft = { value: memory.draft || asked.draft || "", oninput: () => save({ draft: box.value }) };
  box = el("textarea", { rows: 2, maxLength: 4000, onkeydown: onKeyDown, ...draft });
  const head = el("header", {}, el("h2", {}, company), standing);
  ending = el("button.quiet", { type: "button", onclick: () => sendFrame({ type: "end" }) }, t("end"));
  const form = el("form", { onsubmit: send }, ...field("label", box), ending, el("button.go", {}, t("send")));
  const others = el("nav.ways.small", { ariaLabel: t("ways") }, ...ways.map(buildLink));
  const role = place ? "region" : "dialog";
  panel = el("section.panel", { role, ariaLabel: company }, head, scroll, news, asking, note, buildDetails(), form, others);
  root.append(panel);
  showUnread();
  if (place) return;
  panel.hidden = true;
  panel.onkeydown = onKey;
  head.append(el("button.shut", { onclick: toggle, ariaLabel: t("close") }, "×"));
  button = el("button.open", { onclick: toggle });
  root.prepend(button);
  showUnread();
  if (load("sessionStorage")) toggle(false);
}

const buildLink = ({ href, words }) => el("a", { href, target: "_blank", rel: "noopener" }, words);

function showUnread() {
  ending.hidden = !conversation;
  const unread = countUnread();
  news.hidden = !unread || !opened;
  news.textContent = `${unread} ${t("unread")} ↓`;
  if (!button) return;
  const count = unread ? [el("b", {}, unread), el("i", {}, t("unread"))] : [];
  button.hidden = opened;
  button.replaceChildren(icon(), t("open"), ...count);
}

// Called without an event to reopen a panel that was open on the previous page: the focus then stays.
function toggle(event) {
  opened = !opened;
  panel.hidden = !opened;
  store("sessionStorage", opened);
  if (opened) {
    connect();
    refresh();
    scroll.scrollTop = 1e6;
    noteSeen();
  }
  showUnread();
  if (event) (opened ? box : button).focus();
}

function onKey(event) {
  if (event.key === "Escape") toggle(event);
  if (event.key !== "Tab") return;
  const stops = [...panel.querySelectorAll("button,textarea,input,summary,a,.scroll")].filter((stop) => stop.offsetParent);
  if (event.shiftKey) stops.reverse();
  if (root.activeElement !== stops.at(-1)) return;
  stops[0].focus();
  return false;
}
