// The button and the panel: a dialog that opens, keeps the keyboard inside, and gives the focus back.
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
  const begun = { value: memory.draft || asked.draft || "", oninput: () => keep({ draft: box.value }) };
  box = el("textarea", { rows: 2, maxLength: 4000, onkeydown: typed, ...begun });
  const head = el("header", {}, el("h2", {}, company), standing);
  ending = el("button.quiet", { type: "button", onclick: () => tell({ type: "end" }) }, t("end"));
  const form = el("form", { onsubmit: send }, ...field("label", box), ending, el("button.go", {}, t("send")));
  const others = el("nav.ways.small", { ariaLabel: t("ways") }, ...ways.map(wayOf));
  const role = place ? "region" : "dialog";
  panel = el("section.panel", { role, ariaLabel: company }, head, scroll, news, asking, note, details(), form, others);
  root.append(panel);
  badge();
  if (place) return;
  panel.hidden = true;
  panel.onkeydown = keys;
  head.append(el("button.shut", { onclick: toggle, ariaLabel: t("close") }, "×"));
  button = el("button.open", { onclick: toggle });
  root.prepend(button);
  badge();
  if (recall("sessionStorage")) toggle(false);
}

const wayOf = ({ href, words }) => el("a", { href, target: "_blank", rel: "noopener" }, words);

function badge() {
  ending.hidden = !conversation;
  const unread = countUnread();
  news.hidden = !unread || !opened;
  news.textContent = `${unread} ${t("unread")} ↓`;
  if (!button) return;
  const count = unread ? [el("b", {}, unread), el("i", {}, t("unread"))] : [];
  button.hidden = opened;
  button.replaceChildren(bubble(), t("open"), ...count);
}

// A window that stood open on the last page opens again by itself, and leaves the keyboard where it is.
function toggle(event) {
  opened = !opened;
  panel.hidden = !opened;
  write("sessionStorage", opened);
  if (opened) {
    connect();
    lookAround();
    scroll.scrollTop = 1e6;
    noteSeen();
  }
  badge();
  if (event) (opened ? box : button).focus();
}

function keys(event) {
  if (event.key === "Escape") toggle(event);
  if (event.key !== "Tab") return;
  const stops = [...panel.querySelectorAll("button,textarea,input,summary,a,.scroll")].filter((stop) => stop.offsetParent);
  if (event.shiftKey) stops.reverse();
  if (root.activeElement !== stops.at(-1)) return;
  stops[0].focus();
  return false;
}
