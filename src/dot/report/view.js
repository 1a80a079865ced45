// What is in sight of the picture, which is moved and zoomed as one group, and drawn at most once for each frame.

// Below these scales small texts cannot be read, and names take their place; below the second, nothing can.
const NEAR = 0.72, FAR = 0.36;
const EDGE = 16;  // room around a picture that is all in sight
const MARGIN = 24;  // and around a node
const PAPER = 700;  // how wide a page is, more or less

export class View {
  #root;
  #world;
  #extent;
  #place = { x: 0, y: 0, scale: 1 };
  #frame = 0;
  #isMoved = false;  // by hand
  #isPrinting = false;

  // `world` is the group in `root`, and `extent` how wide and high it is.
  constructor(root, world, extent) {
    [this.#root, this.#world, this.#extent] = [root, world, extent];
  }

  fitAll() {
    this.#isMoved = false;
    const scale = this.#fitting(), { width, height } = this.#window();
    this.#draw({ x: (width - this.#extent.width * scale) / 2, y: (height - this.#extent.height * scale) / 2, scale });
  }

  // Around a point of the browser's window, or else around the middle.
  zoom(factor, clientX = null, clientY = null) {
    this.#isMoved = true;
    const { left, top, width, height } = this.#window();
    const x = clientX === null ? width / 2 : clientX - left, y = clientY === null ? height / 2 : clientY - top;
    const before = this.#place;
    const scale = Math.min(2.5, Math.max(Math.min(this.#fitting(), 0.5) * 0.8, before.scale * factor));
    this.#draw({ x: x - (x - before.x) * scale / before.scale, y: y - (y - before.y) * scale / before.scale, scale });
  }

  move(dx, dy) {
    this.#isMoved = true;
    this.#draw({ x: this.#place.x + dx, y: this.#place.y + dy });
  }

  // Moves just as far as needed for the box to be in sight.
  show(box) {
    const { x, y, scale } = this.#place, { width, height } = this.#window();
    const inside = (at, length, space, shift) => Math.max(MARGIN - at * scale, Math.min(space - MARGIN - (at + length) * scale, shift));
    this.#draw({ x: inside(box.x, box.width, width, x), y: inside(box.y, box.height, height, y) });
  }

  // To the middle, and large enough to be read, unless all of it is in sight and can be read.
  centre(box) {
    if (!this.#isMoved && this.#fitting() >= 0.6) { this.fitAll(); return; }
    const scale = Math.max(this.#place.scale, 0.8), { width, height } = this.#window();
    this.#draw({ x: width / 2 - (box.x + box.width / 2) * scale, y: height / 2 - (box.y + box.height / 2) * scale, scale });
  }

  // What was moved by hand stays where it is.
  fitAgain() {
    if (!this.#isMoved) this.fitAll();
  }

  // On paper all of the picture is shown.
  print(isPrinting) {
    this.#isPrinting = isPrinting;
    const { width, height } = this.#extent;
    if (isPrinting) {
      this.#root.setAttribute("viewBox", `-4 -4 ${width + 8} ${height + 8}`);
      this.#world.removeAttribute("transform");
      this.#chooseTexts(Math.max(FAR, PAPER / width));
    } else {
      this.#root.removeAttribute("viewBox");
      this.#draw({});
    }
  }

  // What a page of this width can show of it, without a large empty area around a small picture.
  naturalHeight() {
    return Math.min(1, this.#scaleTo("width")) * this.#extent.height + 3 * EDGE;
  }

  #window() {
    return this.#root.getBoundingClientRect();
  }

  #scaleTo(side) {
    return (this.#window()[side] - 2 * EDGE) / this.#extent[side];
  }

  #fitting() {
    return Math.min(1, this.#scaleTo("width"), this.#scaleTo("height"));
  }

  #draw(place) {
    Object.assign(this.#place, place);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#isPrinting) return;
      const { x, y, scale } = this.#place;
      this.#world.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
      this.#chooseTexts(scale);
    });
  }

  #chooseTexts(scale) {
    this.#root.classList.toggle("middle", scale < NEAR && scale >= FAR);
    this.#root.classList.toggle("far", scale < FAR);
  }
}
