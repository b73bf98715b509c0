// Menus made of <details class="menu">: one open at a time, Escape closes and gives the focus back, arrow keys move. An
// open one is moved to where all of it can be seen: inside the window and inside every pane that would cut it.
const EDGE = 8; // pixels between a menu and what would cut it
const LEAST = 96; // however little room there is, so much of a menu is shown
const open = () => document.querySelector("details.menu[open]");
const items = (menu) =>
  [...menu.querySelectorAll(".menu__list :is(a[href], button:not(:disabled), input:not([type=hidden]))")].filter((item) => item.checkVisibility());

function close(menu, { focus = false } = {}) {
  if (!menu) return;
  menu.open = false;
  if (focus) menu.querySelector("summary").focus();
}

function step(menu, by) {
  const all = items(menu);
  const here = all.indexOf(document.activeElement);
  const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : (here + by + all.length) % all.length;
  all[next]?.focus();
}

function roomAround(menu) {
  const room = { left: EDGE, right: document.documentElement.clientWidth - EDGE, top: EDGE, bottom: innerHeight - EDGE };
  for (let pane = menu.parentElement; pane && pane !== document.body; pane = pane.parentElement) {
    if (getComputedStyle(pane).overflowX === "visible") continue;
    const box = pane.getBoundingClientRect();
    room.left = Math.max(room.left, box.left + EDGE);
    room.right = Math.min(room.right, box.right - EDGE);
    room.top = Math.max(room.top, box.top + EDGE);
  }
  return room;
}

function fit(menu) {
  const list = menu.querySelector(".menu__list");
  for (const name of ["translate", "max-width", "max-height"]) list.style.removeProperty(name);
  const [room, press] = [roomAround(menu), menu.querySelector("summary").getBoundingClientRect()];
  const high = menu.matches(".menu--up") ? press.top - room.top : room.bottom - press.bottom;
  list.style.maxWidth = `${Math.min(parseFloat(getComputedStyle(list).maxWidth), room.right - room.left)}px`;
  list.style.maxHeight = `${Math.max(LEAST, high - EDGE)}px`;
  const box = list.getBoundingClientRect();
  const aside = box.right > room.right ? room.right - box.right : Math.max(0, room.left - box.left);
  list.style.translate = `${aside}px 0`;
}

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("details.menu") || !menu.open) return;
  fit(menu);
  for (const other of document.querySelectorAll("details.menu[open]")) {
    if (other !== menu && !other.contains(menu)) close(other);
  }
}, true);

document.addEventListener("click", (event) => {
  const menu = open();
  if (!menu) return;
  if (!menu.contains(event.target)) close(menu);
  else if (event.target.closest(".menu__item:not([data-menu-stay])")) close(menu, { focus: true });
});

document.addEventListener("focusin", (event) => {
  const menu = open();
  if (menu && !menu.contains(event.target)) close(menu);
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu") ?? open();
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    event.preventDefault();
    event.stopPropagation();
    close(menu, { focus: true });
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (event.target.matches("input, textarea, select")) return;
    event.preventDefault();
    menu.open = true;
    step(menu, event.key === "ArrowDown" ? 1 : -1);
  }
}, true);

for (const name of ["htmx:afterSettle", "resize"]) {
  addEventListener(name, () => open()?.querySelector(".menu__list") && fit(open()));
}
