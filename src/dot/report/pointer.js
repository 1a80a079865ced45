// The pointer on the picture: drag to move, pinch or Ctrl + wheel to zoom, click to open.

const STILL = 4;  // pixels that a click may be moved by

export function followPointer(root, view, onClick) {
  const pointers = new Map();
  let dragged = 0;
  root.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    if (!pointers.size) dragged = 0;
    pointers.set(event.pointerId, event);
  });
  root.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    pointers.set(event.pointerId, event);
    const dx = event.clientX - before.clientX, dy = event.clientY - before.clientY;
    dragged += Math.hypot(dx, dy);
    // Captured only now, because a click on a node would otherwise be the picture's.
    if (dragged > STILL) { root.setPointerCapture(event.pointerId); root.classList.add("moving"); }
    const other = [...pointers.values()].find((pointer) => pointer.pointerId !== event.pointerId);
    if (other) pinch(view, other, before, event);
    else if (dragged > STILL) view.move(dx, dy);
  });
  for (const name of ["pointerup", "pointercancel"]) root.addEventListener(name, (event) => {
    pointers.delete(event.pointerId);
    if (!pointers.size) root.classList.remove("moving");
  });
  root.addEventListener("wheel", (event) => turnWheel(view, event), { passive: false });
  root.addEventListener("click", (event) => {
    const box = event.target.closest(".node");
    if (box && dragged <= STILL) onClick(box);
  });
}

// One finger stays, the other goes from `before` to `now`.
function pinch(view, other, before, now) {
  const apart = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
  view.zoom(apart(now) / (apart(before) || 1), (now.clientX + other.clientX) / 2, (now.clientY + other.clientY) / 2);
}

function turnWheel(view, event) {
  if (!event.ctrlKey && !event.metaKey) return;  // the page scrolls
  event.preventDefault();
  view.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event.clientX, event.clientY);
}
