// The lineage picture: nodes and edges as SVG, moved and zoomed as one group.

const BOX = { width: 236, gapX: 76, gapY: 22 };
const HEIGHT = 74, LOW = 36;  // of what has rows, and of what has none, such as a test
// Below these scales small texts cannot be read, and names take their place; below the second, nothing can.
const NEAR = 0.72, FAR = 0.36;
const PAPER = 700;  // how wide a page is, more or less

function makePicture(nodes, edges, onOpen) {
  const root = document.getElementById("picture");
  const heights = nodes.map((node) => (hasRows(node) ? HEIGHT : LOW));
  const { places, paths, width, height } = layOut(nodes.length, edges, { ...BOX, heights });
  const fit = shortener();
  const boxes = nodes.map((node, index) => drawNode(node, index, { ...places[index], height: heights[index] }, fit));
  const lines = paths.map(({ edge, path, x, y }) => ({ edge, line: svg("path", { d: path, transform: `translate(${x} ${y})` }) }));
  const world = svg("g", {}, svg("g", { class: "edges" }, lines.map(({ line }) => line)), svg("g", {}, boxes));
  root.append(world);

  const view = { x: 0, y: 0, scale: 1 };
  let frame = 0, current = 0, isMoved = false, isPrinting = false;
  const chooseTexts = (scale) => {
    root.classList.toggle("middle", scale < NEAR && scale >= FAR);
    root.classList.toggle("far", scale < FAR);
  };
  const draw = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (isPrinting) return;
      world.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.scale})`);
      chooseTexts(view.scale);
    });
  };
  const size = () => root.getBoundingClientRect();
  const fitting = () => Math.min(1, (size().width - 32) / width, (size().height - 32) / height);
  const fitAll = () => {
    isMoved = false;
    view.scale = fitting();
    view.x = (size().width - width * view.scale) / 2;
    view.y = (size().height - height * view.scale) / 2;
    draw();
  };
  const zoom = (factor, x = size().width / 2, y = size().height / 2) => {
    isMoved = true;
    const scale = Math.min(2.5, Math.max(Math.min(fitting(), 0.5) * 0.8, view.scale * factor));
    view.x = x - (x - view.x) * scale / view.scale;
    view.y = y - (y - view.y) * scale / view.scale;
    view.scale = scale;
    draw();
  };

  // Moves just as far as needed for the node to be in sight.
  const show = (index) => {
    const margin = 24, { x, y } = places[index];
    const inside = (at, length, space, shift) => Math.max(margin - at * view.scale, Math.min(space - margin - (at + length) * view.scale, shift));
    view.x = inside(x, BOX.width, size().width, view.x);
    view.y = inside(y, heights[index], size().height, view.y);
    draw();
  };
  // To the middle, and large enough to be read, unless all of it is in sight and can be read.
  const centre = (index) => {
    if (!isMoved && fitting() >= 0.6) { fitAll(); return; }
    view.scale = Math.max(view.scale, 0.8);
    view.x = size().width / 2 - (places[index].x + BOX.width / 2) * view.scale;
    view.y = size().height / 2 - (places[index].y + heights[index] / 2) * view.scale;
    draw();
  };
  const makeCurrent = (index) => {
    boxes[current]?.setAttribute("tabindex", "-1");
    current = index;
    boxes[current].setAttribute("tabindex", "0");
  };
  const focus = (index) => {
    makeCurrent(index);
    show(index);
    boxes[index].focus({ preventScroll: true });
  };

  // -- the pointer: drag to move, pinch or Ctrl + wheel to zoom, click to open
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
    const [other] = [...pointers.values()].filter((pointer) => pointer.pointerId !== event.pointerId);
    const dx = event.clientX - before.clientX, dy = event.clientY - before.clientY;
    dragged += Math.hypot(dx, dy);
    // Captured only now, because a click on a node would otherwise be the picture's.
    if (dragged > 4) { root.setPointerCapture(event.pointerId); root.classList.add("moving"); }
    pointers.set(event.pointerId, event);
    if (other) {
      const apart = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
      const { left, top } = size();
      zoom(apart(event) / (apart(before) || 1), (event.clientX + other.clientX) / 2 - left, (event.clientY + other.clientY) / 2 - top);
    } else if (dragged > 4) {
      isMoved = true;
      view.x += dx;
      view.y += dy;
      draw();
    }
  });
  for (const name of ["pointerup", "pointercancel"]) root.addEventListener(name, (event) => {
    pointers.delete(event.pointerId);
    if (!pointers.size) root.classList.remove("moving");
  });
  root.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;  // the page scrolls
    event.preventDefault();
    const { left, top } = size();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event.clientX - left, event.clientY - top);
  }, { passive: false });
  root.addEventListener("click", (event) => {
    const box = event.target.closest(".node");
    if (!box || dragged > 4) return;
    makeCurrent(boxes.indexOf(box));
    onOpen(current);
  });
  root.addEventListener("focusin", ({ target }) => {
    if (!boxes.includes(target)) return;
    makeCurrent(boxes.indexOf(target));
    show(current);
  });

  // -- the keyboard: one stop for Tab, arrows from there
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions = {
      Enter: () => onOpen(current), " ": () => onOpen(current),
      "+": () => zoom(1.4), "-": () => zoom(0.7), 0: fitAll,
      ArrowLeft: () => step(edges.filter(([, child]) => child === current).map(([parent]) => parent), [-1, 0]),
      ArrowRight: () => step(edges.filter(([parent]) => parent === current).map(([, child]) => child), [1, 0]),
      ArrowUp: () => step([], [0, -1]), ArrowDown: () => step([], [0, 1]),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });
  // To the nearest of these, or else to the nearest in that direction, straight ahead before aside.
  const step = (among, [right, down]) => {
    const from = places[current];
    const rate = (index) => {
      const dx = places[index].x - from.x, dy = places[index].y - from.y;
      const ahead = dx * right + dy * down, aside = Math.abs(dx * down) + Math.abs(dy * right);
      return among.length ? aside : ahead < 1 ? Infinity : ahead + 3 * aside;
    };
    const candidates = (among.length ? among : [...boxes.keys()]).filter((index) => index !== current && !boxes[index].classList.contains("dim"));
    const [nearest] = candidates.sort((a, b) => rate(a) - rate(b));
    if (nearest !== undefined && rate(nearest) < Infinity) focus(nearest);
  };

  makeCurrent(0);
  // What a page of this width can show of it, without a large empty area around a small picture.
  const natural = Math.min(1, (size().width - 32) / width) * height + 48;
  root.parentElement.style.setProperty("--height", `${Math.max(170, natural)}px`);
  fitAll();
  new ResizeObserver(() => {
    if (root.querySelector(".open")) centre(current);
    else if (!isMoved) fitAll();
  }).observe(root);
  matchMedia("print").addEventListener("change", ({ matches }) => {
    isPrinting = matches;
    if (isPrinting) {
      root.setAttribute("viewBox", `-4 -4 ${width + 8} ${height + 8}`);
      world.removeAttribute("transform");
      chooseTexts(Math.max(FAR, PAPER / width));
    } else {
      root.removeAttribute("viewBox");
      draw();
    }
  });

  return {
    focus, fitAll, zoom,
    select(index) {
      for (const box of boxes) box.classList.remove("open");
      const lineage = index === null ? null : trace(index, edges);
      for (const { edge, line } of lines) line.classList.toggle("on", Boolean(lineage?.has(edge)));
      root.classList.toggle("tracing", Boolean(lineage?.size));
      if (index === null) return;
      boxes[index].classList.add("open");
      makeCurrent(index);
      centre(index);
    },
    filter(isShown) {
      boxes.forEach((box, index) => box.classList.toggle("dim", !isShown[index]));
      for (const { edge, line } of lines) line.classList.toggle("dim", !isShown[edge[0]] || !isShown[edge[1]]);
    },
  };
}

function hasRows({ resource_type: type }) {
  return ["model", "seed", "snapshot"].includes(type);
}

function drawNode(node, index, place, fit) {
  const isLow = place.height === LOW;
  const { rows, columns, values } = node.words;
  const changes = [values === "=" ? "same values" : values, columns === "=" ? "" : columns].filter(Boolean).join(" · ");
  const label = [node.name, node.words.code, rows, changes, node.unexplained && "unexplained"].filter(Boolean).join(", ");
  const mark = ["different", "missing", "failed", "not_proven", "not_compared"].find((tag) => node.tags.includes(tag)) ?? (node.data?.status === "equal" ? "equal" : null);
  return svg("g", {
    class: `node ${node.code} ${node.tags.map((tag) => `is-${tag}`).join(" ")}${isLow ? " low" : ""}`,
    transform: `translate(${place.x} ${place.y})`, tabindex: "-1", role: "button", "aria-label": label, "data-node": index,
  },
    svg("title", {}, node.name),
    svg("rect", { class: "box", width: BOX.width, height: place.height, rx: 10 }),
    svg("path", { class: "glyph", d: ICONS[node.code], transform: isLow ? "translate(12 10)" : "translate(12 12)" }),
    svg("text", { class: "name", x: 36, y: isLow ? 22.5 : 25 }, fit(node.name, BOX.width - 36 - (mark ? 32 : 12), "600 13px", "middle")),
    ...(isLow ? [] : [
      svg("text", { class: "large name", x: 44, y: 45 }, fit(node.name, BOX.width - 52, "600 22px", "middle")),
      svg("text", { class: "words", x: 36, y: 44 }, fit(rows.includes("→") ? `${rows} rows` : rows || node.resource_type, BOX.width - 48)),
      svg("text", { class: "words", x: 36, y: 61 }, fit(changes, BOX.width - 48)),
    ]),
    mark ? svg("path", { class: "mark", d: ICONS[mark], transform: `translate(${BOX.width - 26} 12)` }) : "",
    node.unexplained ? svg("g", { class: "flag", transform: `translate(${BOX.width - 6} ${place.height - 6})` }, svg("circle", { r: 11 }), svg("path", { d: ICONS.unexplained, transform: "translate(-8 -8)" })) : "",
  );
}

// Every edge on a way to or from the node.
function trace(start, edges) {
  const found = new Set();
  for (const [near, far] of [[0, 1], [1, 0]]) {
    const from = new Map();
    for (const edge of edges) (from.get(edge[near]) ?? from.set(edge[near], []).get(edge[near])).push(edge);
    const reached = new Set([start]);
    for (const node of reached) for (const edge of from.get(node) ?? []) { found.add(edge); reached.add(edge[far]); }
  }
  return found;
}

// A function that cuts a text to a width in pixels, between whole letters: a name in its middle, because models often
// differ in their last word; anything else at its end.
function shortener() {
  const context = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(document.body).fontFamily;
  const segmenter = new Intl.Segmenter();
  return (text, space, font = "12px", where = "end") => {
    context.font = `${font} ${family}`;
    if (context.measureText(text).width <= space) return text;
    const letters = Array.from(segmenter.segment(text.slice(0, 2000)), ({ segment }) => segment);
    const cut = (count) => {
      const tail = where === "middle" ? Math.floor(count * 0.45) : 0;
      return `${letters.slice(0, count - tail).join("")}…${tail ? letters.slice(-tail).join("") : ""}`;
    };
    let low = 0, high = letters.length;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (context.measureText(cut(middle)).width <= space) low = middle; else high = middle - 1;
    }
    return cut(low);
  };
}
