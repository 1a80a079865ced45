// The lineage picture: nodes and edges as SVG, with one stop for Tab, from where the arrow keys lead on.

import { drawNode, heightOf, shortener, WIDTH } from "./box.js";
import { svg } from "./dom.js";
import { layOut } from "./layout.js";
import { followPointer } from "./pointer.js";
import { View } from "./view.js";

const GAPS = { gapX: 76, gapY: 22 };
const LOWEST = 170;

export class Picture {
  #root;
  #edges;
  #onOpen;
  #places;
  #boxes;
  #lines;
  #view;
  #current = 0;  // the node where Tab stops

  constructor(root, { nodes, edges, onOpen }) {
    [this.#root, this.#edges, this.#onOpen] = [root, edges, onOpen];
    const heights = nodes.map(heightOf);
    const { places, paths, ...extent } = layOut(nodes.length, edges, { width: WIDTH, ...GAPS, heights });
    this.#places = places.map((place, index) => ({ ...place, width: WIDTH, height: heights[index] }));
    const fit = shortener();
    this.#boxes = nodes.map((node, index) => drawNode(node, this.#places[index], fit));
    this.#lines = paths.map(({ edge, path, x, y }) => ({ edge, line: svg("path", { d: path, transform: `translate(${x} ${y})` }) }));
    const world = svg("g", {}, svg("g", { class: "edges" }, this.#lines.map(({ line }) => line)), svg("g", {}, this.#boxes));
    root.append(world);
    this.#view = new View(root, world, extent);
    this.#listen();
    this.#makeCurrent(0);
    root.parentElement.style.setProperty("--height", `${Math.max(LOWEST, this.#view.naturalHeight())}px`);
    this.#view.fitAll();
    new ResizeObserver(() => this.#fitAgain()).observe(root);
    matchMedia("print").addEventListener("change", ({ matches }) => this.#view.print(matches));
  }

  fitAll() {
    this.#view.fitAll();
  }

  zoom(factor) {
    this.#view.zoom(factor);
  }

  // Shows which node is open, and every way to and from it; null is none.
  select(index) {
    for (const box of this.#boxes) box.classList.remove("open");
    const lineage = index === null ? null : trace(index, this.#edges);
    for (const { edge, line } of this.#lines) line.classList.toggle("on", Boolean(lineage?.has(edge)));
    this.#root.classList.toggle("tracing", Boolean(lineage?.size));
    if (index === null) return;
    this.#boxes[index].classList.add("open");
    this.#makeCurrent(index);
    this.#view.centre(this.#places[index]);
  }

  // What is not shown fades.
  filter(isShown) {
    this.#boxes.forEach((box, index) => { box.classList.toggle("dim", !isShown[index]); });
    for (const { edge, line } of this.#lines) line.classList.toggle("dim", !isShown[edge[0]] || !isShown[edge[1]]);
  }

  #listen() {
    followPointer(this.#root, this.#view, (box) => this.#open(this.#boxes.indexOf(box)));
    this.#root.addEventListener("focusin", ({ target }) => {
      if (this.#boxes.includes(target)) this.#reach(this.#boxes.indexOf(target));
    });
    this.#root.addEventListener("keydown", (event) => {
      const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : this.#actions()[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  }

  #actions() {
    const current = this.#current;
    const linked = (near, far) => this.#edges.filter((edge) => edge[near] === current).map((edge) => edge[far]);
    return {
      Enter: () => this.#open(current), " ": () => this.#open(current),
      "+": () => this.#view.zoom(1.4), "-": () => this.#view.zoom(0.7), 0: () => this.#view.fitAll(),
      ArrowLeft: () => this.#step(linked(1, 0), [-1, 0]), ArrowRight: () => this.#step(linked(0, 1), [1, 0]),
      ArrowUp: () => this.#step([], [0, -1]), ArrowDown: () => this.#step([], [0, 1]),
    };
  }

  #open(index) {
    this.#makeCurrent(index);
    this.#onOpen(index);
  }

  #makeCurrent(index) {
    this.#boxes[this.#current].setAttribute("tabindex", "-1");
    this.#current = index;
    this.#boxes[index].setAttribute("tabindex", "0");
  }

  #reach(index) {
    this.#makeCurrent(index);
    this.#view.show(this.#places[index]);
  }

  // To the nearest of these, or else to the nearest in that direction.
  #step(among, direction) {
    const candidates = (among.length ? among : [...this.#boxes.keys()])
      .filter((index) => index !== this.#current && !this.#boxes[index].classList.contains("dim"));
    const rate = among.length ? rateAside : rateAhead;
    const [best] = candidates.map((index) => [index, rate(this.#places[this.#current], this.#places[index], direction)])
      .sort(([, a], [, b]) => a - b);
    if (!best || best[1] === Infinity) return;
    this.#reach(best[0]);
    this.#boxes[best[0]].focus({ preventScroll: true });
  }

  // After the window has changed.
  #fitAgain() {
    if (this.#root.querySelector(".open")) this.#view.centre(this.#places[this.#current]);
    else this.#view.fitAgain();
  }
}

function rateAside(from, to, [right, down]) {
  return Math.abs((to.x - from.x) * down) + Math.abs((to.y - from.y) * right);
}

// Straight ahead before aside, and never back.
function rateAhead(from, to, [right, down]) {
  const ahead = (to.x - from.x) * right + (to.y - from.y) * down;
  return ahead < 1 ? Infinity : ahead + 3 * rateAside(from, to, [right, down]);
}

// Every edge on a way to or from the node.
function trace(start, edges) {
  const found = new Set();
  for (const [near, far] of [[0, 1], [1, 0]]) {
    const reached = new Set([start]);
    const from = new Map(edges.map((edge) => [edge[near], []]));
    for (const edge of edges) from.get(edge[near]).push(edge);
    for (const node of reached) for (const edge of from.get(node) ?? []) { found.add(edge); reached.add(edge[far]); }
  }
  return found;
}
