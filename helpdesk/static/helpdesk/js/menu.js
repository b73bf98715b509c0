// Menus made of <details class="menu">: one open at a time, Escape closes and gives the focus back, arrow keys move.
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

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("details.menu") || !menu.open) return;
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
