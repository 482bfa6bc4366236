"use strict";
// Galleries: the first of the pictures that have all the keys that the reader chose, then all.
for (const tools of document.querySelectorAll("[data-filters]")) {
  const few = 42; // six rows of a wide screen
  const gallery = document.getElementById(tools.dataset.filters);
  const pictures = [...gallery.children];
  const boxes = [...tools.querySelectorAll("select")];
  const shown = tools.querySelector("output");
  const more = document.querySelector(`[data-more="${gallery.id}"]`);
  let most = few;

  const keyOf = (picture, box) => picture.getAttribute(`data-key-${box.dataset.key}`);
  const chosen = (picture) => boxes.every((box) => !box.value || box.value === keyOf(picture, box));
  function show() {
    const all = pictures.filter(chosen);
    const first = new Set(all.slice(0, most));
    for (const picture of pictures) picture.hidden = !first.has(picture);
    shown.textContent = all.length < pictures.length ? `${all.length} of ${pictures.length}` : "";
    more.hidden = all.length <= most;
    more.textContent = `Show all ${all.length}`;
  }
  for (const box of boxes) box.addEventListener("change", show);
  more.addEventListener("click", () => {
    const next = pictures.filter(chosen)[most]; // where the reader goes on
    most = Infinity;
    show();
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
  });
  tools.hidden = !boxes.length;
  show();
}
