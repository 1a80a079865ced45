// Where the nodes of a lineage picture stand, and how its edges run: layers from left to right, after Sugiyama.
// Pure: numbers in, numbers out. Nodes are their indices; an edge is [parent, child].

// `box` has the width and the gaps of boxes, and the `heights` of each.

export function layOut(count, edges, box) {
  const order = sortTopologically(count, edges);
  const rank = [];
  order.forEach((node, position) => { rank[node] = position; });
  // dbt has no cycles. A file that says otherwise loses an edge, and not the picture.
  const forward = edges.filter(([parent, child]) => rank[parent] < rank[child]);
  const parts = findComponents(count, forward).map(({ nodes, edges: inside }) => {
    nodes.sort((a, b) => rank[a] - rank[b]);
    return layOutPart(nodes, inside, box);
  });
  return pack(parts, box);
}

function sortTopologically(count, edges) {
  const children = Array.from({ length: count }, () => []);
  const waiting = new Array(count).fill(0);
  for (const [parent, child] of edges) { children[parent].push(child); waiting[child] += 1; }
  const ready = [], order = [], done = new Array(count).fill(false);
  for (let node = 0; node < count; node += 1) if (!waiting[node]) ready.push(node);
  for (let next = 0; order.length < count;) {
    if (!ready.length) {  // a cycle: begin it anywhere
      while (done[next]) next += 1;
      ready.push(next);
    }
    const node = ready.shift();
    if (done[node]) continue;
    done[node] = true;
    order.push(node);
    for (const child of children[node]) {
      waiting[child] -= 1;
      if (!waiting[child] && !done[child]) ready.push(child);
    }
  }
  return order;
}

function findComponents(count, edges) {
  const near = Array.from({ length: count }, () => []);
  for (const [a, b] of edges) { near[a].push(b); near[b].push(a); }
  const found = [], components = [];
  for (let start = 0; start < count; start += 1) {
    if (found[start]) continue;
    const component = { nodes: [start], edges: [] };
    found[start] = component;
    for (const node of component.nodes) {
      for (const other of near[node]) if (!found[other]) { found[other] = component; component.nodes.push(other); }
    }
    components.push(component);
  }
  for (const edge of edges) found[edge[0]].edges.push(edge);
  return components;
}

// `nodes` in topological order. Returns the places of its nodes and the path of each edge, from (0, 0).
function layOutPart(nodes, edges, box) {
  const layer = chooseLayers(nodes, edges);
  const { items, layers, chains } = addBends(nodes, edges, layer);
  reduceCrossings(layers);
  placeVertically(layers, box);

  let top = Infinity, bottom = -Infinity;
  for (const item of items) { top = Math.min(top, item.y - item.half); bottom = Math.max(bottom, item.y + item.half); }
  const height = bottom - top;
  // Curves of a tall picture would be too steep in narrow gaps.
  const pitch = box.width + box.gapX + Math.min(220, height / 16);
  const places = new Map(), paths = [];
  for (const item of items) {
    item.x = item.layer * pitch;
    item.y -= top;
    if (item.node !== null) places.set(item.node, { x: item.x, y: item.y - box.heights[item.node] / 2 });
  }
  for (const { edge, chain } of chains) paths.push({ edge, path: drawEdge(chain, box.width) });
  return { places, paths, width: (layers.length - 1) * pitch + box.width, height };
}

// The longest path from the left; what has no parents moves right, next to its first child.
function chooseLayers(nodes, edges) {
  const layer = new Map(nodes.map((node) => [node, 0]));
  const out = new Map(nodes.map((node) => [node, []]));
  const hasParents = new Set();
  for (const [parent, child] of edges) { out.get(parent).push(child); hasParents.add(child); }
  for (const node of nodes) for (const child of out.get(node)) layer.set(child, Math.max(layer.get(child), layer.get(node) + 1));
  for (const node of nodes) {
    if (!hasParents.has(node) && out.get(node).length) layer.set(node, Math.min(...out.get(node).map((child) => layer.get(child))) - 1);
  }
  return layer;
}

// Every edge becomes a chain from layer to layer, with a bend in each that it passes, so that it runs around nodes.
function addBends(nodes, edges, layer) {
  const items = [], layers = [], byNode = new Map();
  const add = (node, at) => {
    const item = { node, layer: at, left: [], right: [] };
    items.push(item);
    layers[at] ??= [];
    layers[at].push(item);
    return item;
  };
  for (const node of nodes) byNode.set(node, add(node, layer.get(node)));
  const chains = edges.map((edge) => {
    const chain = [byNode.get(edge[0])];
    for (let at = layer.get(edge[0]) + 1; at < layer.get(edge[1]); at += 1) chain.push(add(null, at));
    chain.push(byNode.get(edge[1]));
    for (let i = 1; i < chain.length; i += 1) { chain[i - 1].right.push(chain[i]); chain[i].left.push(chain[i - 1]); }
    return { edge, chain };
  });
  return { items, layers, chains };
}

// Barycentres: each layer is sorted by the mean place of what it is connected to, to and fro; the best order stays.
function reduceCrossings(layers) {
  const index = (layer) => layer.forEach((item, i) => { item.index = i; });
  layers.forEach(index);
  let best = null, fewest = Infinity;
  for (let pass = 0; pass < 12 && fewest > 0; pass += 1) {
    const toRight = pass % 2 === 0;
    const side = toRight ? "left" : "right";
    for (const layer of toRight ? layers : [...layers].reverse()) {
      for (const item of layer) item.key = item[side].length ? mean(item[side].map((other) => other.index)) : item.index;
      layer.sort((a, b) => a.key - b.key || a.index - b.index);
      index(layer);
    }
    const crossings = countCrossings(layers);
    if (crossings < fewest) { fewest = crossings; best = layers.map((layer) => [...layer]); }
  }
  layers.forEach((layer, i) => { layer.splice(0, layer.length, ...best[i]); index(layer); });
}

// Inversions, counted with a binary indexed tree: what lies below an edge's end but began above it crosses it.
function countCrossings(layers) {
  let crossings = 0;
  for (let i = 1; i < layers.length; i += 1) {
    const size = layers[i].length, tree = new Array(size + 1).fill(0);
    let seen = 0;
    for (const item of layers[i - 1]) {
      const ends = item.right.map((other) => other.index);
      for (const end of ends) {
        let upTo = 0;
        for (let j = end + 1; j > 0; j -= j & -j) upTo += tree[j];
        crossings += seen - upTo;
      }
      for (const end of ends) for (let j = end + 1; j <= size; j += j & -j) tree[j] += 1;
      seen += ends.length;
    }
  }
  return crossings;
}

// Each item wants to stand level with what it is connected to; bends more so, which keeps long edges straight.
function placeVertically(layers, box) {
  for (const layer of layers) {
    let y = 0;
    for (const item of layer) {
      item.half = item.node === null ? 7 : (box.heights[item.node] + box.gapY) / 2;
      item.y = y + item.half;
      y += 2 * item.half;
    }
  }
  for (let pass = 0; pass < 8; pass += 1) {
    const sides = pass > 5 ? ["left", "right"] : [pass % 2 ? "right" : "left"];
    for (const layer of pass % 2 ? [...layers].reverse() : layers) {
      for (const item of layer) {
        const others = sides.flatMap((side) => item[side]);
        item.wish = others.length ? mean(others.map((other) => other.y)) : item.y;
        item.weight = item.node === null ? 4 : 1;
      }
      settle(layer);
    }
  }
}

// The places nearest to what is wished for (least squares) that keep order and distance: pool adjacent violators.
function settle(layer) {
  const blocks = [];
  let offset = 0;
  layer.forEach((item, i) => {
    if (i) offset += layer[i - 1].half + item.half;
    item.offset = offset;
    let block = { items: [item], weight: item.weight, place: item.wish - offset };
    for (let last = blocks.at(-1); last && last.place > block.place; last = blocks.at(-1)) {
      blocks.pop();
      const weight = last.weight + block.weight;
      const place = (last.place * last.weight + block.place * block.weight) / weight;
      last.items.push(...block.items);
      block = { items: last.items, weight, place };
    }
    blocks.push(block);
  });
  for (const block of blocks) for (const item of block.items) item.y = block.place + item.offset;
}

function drawEdge(chain, width) {
  let path = `M${round(chain[0].x + width)} ${round(chain[0].y)}`;
  for (let i = 1; i < chain.length; i += 1) {
    const from = chain[i - 1].x + width, to = chain[i].x, middle = (from + to) / 2;
    path += `C${round(middle)} ${round(chain[i - 1].y)} ${round(middle)} ${round(chain[i].y)} ${round(to)} ${round(chain[i].y)}`;
    if (i < chain.length - 1) path += `H${round(to + width)}`;
  }
  return path;
}

// Parts below each other in columns, the largest first, as high as lets most of them fit into the shape of a screen.
function pack(parts, box) {
  parts.sort((a, b) => b.places.size - a.places.size || b.height - a.height);
  const area = parts.reduce((sum, { width, height }) => sum + (width + box.gapX) * (height + box.gapY), 0);
  const tallest = parts.reduce((height, part) => Math.max(height, part.height), 0);
  const highest = Math.max(tallest, Math.sqrt(area)) * 1.5;
  let best = null;
  for (let i = 0; i <= 16; i += 1) {
    const arranged = arrange(parts, tallest + (highest - tallest) * i / 16, box);
    const scale = Math.min(2.4 / arranged.width, 1 / arranged.height);
    if (!best || scale > best.scale * 1.001) best = { ...arranged, scale };
  }
  const places = [], paths = [];
  parts.forEach((part, i) => {
    const [x, y] = best.corners[i];
    for (const [node, place] of part.places) places[node] = { x: x + place.x, y: y + place.y };
    for (const { edge, path } of part.paths) paths.push({ edge, path, x, y });
  });
  return { places, paths, width: best.width, height: best.height };
}

function arrange(parts, limit, box) {
  let x = 0, y = 0, width = 0, height = 0;
  const corners = parts.map((part) => {
    if (y && y + part.height > limit) { x = width + box.gapX / 2; y = 0; }
    const corner = [x, y];
    width = Math.max(width, x + part.width);
    height = Math.max(height, y + part.height);
    y += part.height + box.gapY / 2;
    return corner;
  });
  return { corners, width, height };
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function round(number) {
  return Math.round(number * 10) / 10;
}
