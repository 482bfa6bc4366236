"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const palettes = read("palettes");
  const plots = read("plots");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const narrow = window.matchMedia("(max-width: 40rem)");
  const plotOf = (id) => document.getElementById(`plot-${id}`);
  const treeId = Object.keys(plots).find((id) => plots[id].data[0].type === "icicle");
  const tree = { kind: "icicle", level: undefined }; // what the reader chose
  const children = new Map();
  if (treeId) {
    const { ids, parents } = plots[treeId].data[0];
    ids.forEach((id, at) => children.has(parents[at]) ? children.get(parents[at]).push(id) : children.set(parents[at], [id]));
  }
  let printing = false;

  // "$role" under a key about colour becomes the theme's colour; other text stays as it is.
  function paint(value, palette, colour) {
    if (Array.isArray(value)) return value.map((one) => paint(one, palette, colour));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(
        ([key, one]) => [key, paint(one, palette, colour || /color/i.test(key))]));
    }
    return colour && typeof value === "string" && value[0] === "$" ? palette[value.slice(1)] : value;
  }

  function figureOf(id) {
    const palette = palettes[dark.matches && !printing ? "dark" : "light"];
    const { data, layout } = paint({ data: plots[id].data, layout: plots[id].layout }, palette, false);
    layout.font.family = getComputedStyle(document.body).fontFamily;
    if (narrow.matches || printing) layout.font.size = 11;
    if (id === treeId) shape(data[0], layout);
    if (printing) {
      const shared = plotOf(id).closest(".several");
      layout.width = shared ? 330 : 680;
    }
    return [data, layout];
  }

  function shape(trace, layout) {
    Object.assign(trace, { type: tree.kind, level: tree.level });
    if (tree.kind === "sunburst") {
      for (const key of ["tiling", "pathbar", "textposition"]) delete trace[key];
      layout.height = Math.min(760, plotOf(treeId).clientWidth);
      return;
    }
    const { top, each, least, most } = plots[treeId].rows;
    const rows = rowsInSight(tree.level || trace.ids[0], trace.maxdepth);
    layout.height = Math.min(most, Math.max(least, top + each * rows));
  }

  function rowsInSight(id, levels) {
    const inside = levels > 1 ? children.get(id) || [] : [];
    return inside.reduce((sum, child) => sum + rowsInSight(child, levels - 1), 0) || 1;
  }

  const options = { displayModeBar: false, responsive: true };
  function draw(id) {
    const [data, layout] = figureOf(id);
    plotOf(id).style.height = `${layout.height}px`; // Plotly goes by it when the window changes
    return Plotly.react(plotOf(id), data, layout, options);
  }
  const drawAll = () => { for (const id of Object.keys(plots)) draw(id); };

  // The tree: a click opens a tile; the same by keyboard through the box and the buttons.
  function startTree() {
    const { ids, parents } = plots[treeId].data[0];
    const { paths, texts } = plots[treeId];
    const tools = document.getElementById("tree-tools");
    const readout = document.getElementById("tree-readout");
    const box = document.getElementById("tree-box");
    const number = new Map(ids.map((id, at) => [id, at]));
    const tell = (at) => { readout.textContent = `${paths[at]}: ${texts[at]}`; };

    document.getElementById("tree-paths").append(...paths.map((path) => new Option("", path)));
    async function open(at) {
      tree.level = children.has(ids[at]) ? ids[at] : parents[at]; // a last tile holds nothing
      tell(at);
      await draw(treeId);
      plotOf(treeId).scrollIntoView({ block: "nearest" }); // it may have become much shorter
    }
    // A click opens a tile; on the tile that is open, it goes back to its parent.
    function follow(event) {
      const at = event.points[0].pointNumber;
      const isOpen = ids[at] === (tree.level || ids[0]);
      open(isOpen && at ? number.get(parents[at]) : at);
      return false; // not also by Plotly
    }
    function listen() {
      const plot = plotOf(treeId);
      plot.on("plotly_hover", (event) => tell(event.points[0].pointNumber));
      plot.on("plotly_icicleclick", follow);
      plot.on("plotly_sunburstclick", follow);
    }
    box.addEventListener("change", () => {
      const at = paths.indexOf(box.value);
      if (at >= 0) open(at);
    });
    document.getElementById("tree-up").addEventListener("click", () => {
      const at = number.get(tree.level) || 0;
      open(at ? number.get(parents[at]) : 0);
    });
    const kinds = [...tools.querySelectorAll("[data-kind]")];
    for (const button of kinds) {
      button.addEventListener("click", () => {
        tree.kind = button.dataset.kind;
        for (const one of kinds) one.setAttribute("aria-pressed", String(one === button));
        Plotly.purge(plotOf(treeId)); // one kind does not turn into the other in place
        draw(treeId).then(listen);
      });
    }
    tools.hidden = false;
    listen();
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
    });
  }

  drawAll();
  if (treeId) startTree();
  dark.addEventListener("change", drawAll);
  narrow.addEventListener("change", drawAll);
  window.addEventListener("beforeprint", () => { printing = true; drawAll(); });
  window.addEventListener("afterprint", () => { printing = false; drawAll(); });
})();
