// The comparison that the page shows, as dot wrote it into the page.

export const report = JSON.parse(document.getElementById("data").textContent);
export const nodes = report.nodes.map((node, index) => ({ ...node, index }));
export const byId = new Map(nodes.map((node) => [node.unique_id, node.index]));

// From parent to child, each once.
export const edges = nodes.flatMap((node) => [...new Set(node.parents)]
  .filter((parent) => byId.has(parent) && byId.get(parent) !== node.index).map((parent) => [byId.get(parent), node.index]));
