"use strict";
// Confusion matrices: what is below one branch against what is below another (mostly the same).
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const palettes = read("palettes");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const heat = 5, deep = 0.6; // colours of the scale; from where text on it is the other one
  const roomy = 12, middling = 24; // columns up to which cells hold numbers, up to which they are wide
  const written = new Intl.NumberFormat("en");
  const redrawn = []; // pictures, when the theme changes
  let printing = false;

  function make(tag, attributes, ...content) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...content);
    return made;
  }
  const button = (text, act, attributes = {}) => {
    const made = make("button", { type: "button", ...attributes }, text);
    made.addEventListener("click", act);
    return made;
  };
  const shorten = (text, length) => {
    const signs = [...text], head = Math.floor(length / 2);
    return signs.length <= length ? text
      : `${signs.slice(0, head).join("")}…${signs.slice(head + 1 - length).join("")}`;
  };
  const percent = (share) => `${(100 * share).toFixed(share > 0.0995 || !share ? 0 : 1)}\u202f%`;

  // A tree from its nodes in order: of each its parent and children, and which classes are below.
  function grow({ names, depths, remark }) {
    const parents = [], children = names.map(() => []), first = [], last = [], leaves = [], open = [];
    depths.forEach((depth, node) => {
      parents[node] = depth ? open[depth - 1] : -1;
      if (depth) children[parents[node]].push(node);
      open[depth] = node;
      first[node] = leaves.length;
      if (!(depths[node + 1] > depth)) leaves.push(node);
    });
    for (let node = names.length - 1; node >= 0; node--) {
      last[node] = children[node].length ? last[children[node].at(-1)] : first[node] + 1;
    }
    // A range is called after its first and last class.
    const isRange = (node) => names[node] === null;
    const end = (node, at) => names[node] ?? end(children[node].at(at), at);
    const label = (node, length = Infinity) => isRange(node)
      ? `${shorten(end(node, 0), length / 2 - 1)} … ${shorten(end(node, -1), length / 2 - 1)}`
      : shorten(names[node] || "all labels", length);
    const path = (node) => {
      const steps = [];
      for (let at = node; at >= 0; at = parents[at]) {
        if (at === node ? node : names[at]) steps.unshift(label(at));
      }
      return steps.join("/") || "all labels";
    };
    const line = (node) => node < 0 ? [] : [...line(parents[node]), node]; // from the root
    return { remark, parents, children, first, last, leaves, isRange, label, path, line };
  }

  // Cells by their row: those of class c are numbers start[c] to start[c + 1].
  function unpack({ steps, images }, classes) {
    const answers = new Int32Array(steps.length), start = new Int32Array(classes + 1);
    const asked = new Float64Array(classes + 1); // images of all classes before each
    let code = 0;
    steps.forEach((step, cell) => {
      code += step;
      const truth = Math.floor(code / classes);
      answers[cell] = code % classes;
      start[truth + 1]++;
      asked[truth + 1] += images[cell];
    });
    for (let at = 0; at < classes; at++) {
      start[at + 1] += start[at];
      asked[at + 1] += asked[at];
    }
    return { answers, images, start, asked };
  }

  function explore(box, { filters, trees: seeds, matrices }) {
    const trees = seeds.map(grow), unpacked = [];
    const earlier = []; // where the reader was
    let chosen = 0, rows = 0, columns = 0, whole = false; // the matrix and what is shown of it
    let tree, cells;

    const choices = make("div", { class: "filters" });
    const crumbs = make("div", { class: "crumbs" });
    const back = button("Back", () => { [rows, columns, whole] = earlier.pop(); draw(); });
    const all = button("All classes", () => go(rows, columns, !whole), { "aria-pressed": "false" });
    const readout = make("output", { class: "readout" });
    const key = make("div", { class: "key" });
    const shown = make("div", { class: "shown" });
    const remark = make("p", { class: "note" });
    box.append(choices, make("div", { class: "matrix-tools" }, crumbs, back, all), readout, key, shown, remark);

    const imagesOf = (node) => cells.asked[tree.last[node]] - cells.asked[tree.first[node]];
    const bold = (node) => make("bdi", {}, tree.path(node));
    // "N of M images of X are taken for Y"; column -1 stands for all that is not in sight.
    function words(row, column, images) {
      const asked = imagesOf(row);
      if (!asked) return ["There is no image of ", bold(row), "."];
      const amount = `${written.format(images)} of ${written.format(asked)} images of `;
      const share = ` (${percent(images / asked)})`;
      if (column < 0) return [amount, bold(row), " are taken for what is not below ", bold(columns), share];
      if (row !== column) return [amount, bold(row), " are taken for ", bold(column), share];
      return [amount, bold(row), tree.children[row].length ? " stay in it" : " are answered rightly", share];
    }
    const tell = (...about) => readout.replaceChildren(...words(...about));

    function go(toRows, toColumns, toWhole = false) {
      earlier.push([rows, columns, whole]);
      [rows, columns, whole] = [toRows, toColumns, toWhole];
      draw();
    }
    const inside = (node) => tree.children[node].length ? tree.children[node] : [node];

    function count(down, across) {
      const column = new Int32Array(tree.leaves.length).fill(across.length);
      across.forEach((node, at) => column.fill(at, tree.first[node], tree.last[node]));
      return down.map((node) => {
        const counts = new Array(across.length + 1).fill(0);
        for (let cell = cells.start[tree.first[node]]; cell < cells.start[tree.last[node]]; cell++) {
          counts[column[cells.answers[cell]]] += cells.images[cell];
        }
        return counts;
      });
    }

    // Shades go by the square root: most mistakes are rare, and should be seen all the same.
    const shade = (share, most) => Math.sqrt(share / most);
    function colour(cell, part) {
      const at = Math.min(heat - 2, Math.floor(part * (heat - 1)));
      const more = Math.round(100 * (part * (heat - 1) - at));
      cell.style.background = `color-mix(in srgb, var(--heat-${at + 1}) ${more}%, var(--heat-${at}))`;
      cell.style.color = `var(--on-${part > deep ? "deep" : "pale"})`;
    }
    const rightly = (share) => Math.round(8 + 37 * share); // of the colour of right answers

    function table() {
      const down = inside(rows), across = inside(columns), same = rows === columns;
      const counts = count(down, across), outside = columns !== 0;
      const wrong = (at, to) => same && at !== to;
      let most = 0;
      counts.forEach((row, at) => row.forEach((images, to) => {
        if (images && (wrong(at, to) || !same && to < across.length)) {
          most = Math.max(most, images / imagesOf(down[at]));
        }
      }));
      const name = (node, length) => {
        const text = tree.label(node, length), about = { title: tree.path(node), dir: "auto" };
        return tree.children[node].length ? button(text, () => go(node, node), about) : make("span", about, text);
      };
      const head = make("tr", {}, make("td", { class: "corner" }, "shown ↓ answered →"));
      for (const node of across) head.append(make("th", { scope: "col" }, name(node, 22)));
      if (outside) head.append(make("th", { scope: "col", class: "outside" }, make("span", {}, "elsewhere")));
      const body = make("tbody", {});
      const wide = across.length + outside;
      down.forEach((row, at) => {
        const line = make("tr", {}, make("th", { scope: "row" }, name(row, wide <= roomy ? 28 : 22)));
        const asked = imagesOf(row);
        for (let to = 0; to < wide; to++) {
          const column = to < across.length ? across[to] : -1, images = counts[at][to];
          const opens = column >= 0 && (tree.children[row].length || tree.children[column].length);
          const cell = make("td", { tabindex: "-1", "data-row": at, "data-column": to });
          cell.setAttribute("aria-label", words(row, column, images).map((one) => one.textContent ?? one).join(""));
          if (!asked) cell.className = "unasked";
          else if (images) {
            const share = images / asked;
            if (row === column) {
              cell.style.background = `color-mix(in srgb, var(--series-1) ${rightly(share)}%, var(--heat-0))`;
            } else if (column >= 0 || same) colour(cell, shade(share, most));
            else cell.className = "plain";
            if (wide <= roomy) cell.append(percent(share));
          }
          if (opens) cell.classList.add("opens");
          const about = [row, column, images];
          cell.addEventListener("pointerenter", () => tell(...about));
          cell.addEventListener("focus", () => tell(...about));
          if (opens) cell.addEventListener("click", () => go(row, column));
          line.append(cell);
        }
        body.append(line);
      });
      const size = wide <= roomy ? "roomy" : wide <= middling ? "middling" : "dense";
      const grid = make("table", { role: "grid", class: `matrix ${size}` }, make("thead", {}, head), body);
      grid.setAttribute("aria-label", `What ${tree.path(rows)} was taken for`);
      body.rows[0].cells[1].tabIndex = 0;
      grid.addEventListener("keydown", steer);
      explainColours(same, most);
      return grid;
    }

    // Arrow keys move among the cells; Enter opens one.
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    function steer(event) {
      const cell = event.target.closest("td[data-row]");
      if (!cell) return;
      if (event.key === "Enter" || event.key === " ") cell.click();
      else if (!(event.key in moves)) return;
      else {
        const [down, right] = moves[event.key];
        const body = cell.closest("tbody");
        const next = body.rows[+cell.dataset.row + down]?.cells[+cell.dataset.column + right + 1];
        if (next?.dataset.row) {
          cell.tabIndex = -1;
          next.tabIndex = 0;
          next.focus();
        }
      }
      event.preventDefault();
    }

    function explainColours(same, most) {
      key.replaceChildren();
      if (same) key.append(make("span", {}, make("i", { class: "right" }), "stays"));
      if (most) {
        key.append(make("span", {}, "taken for another: 0", make("i", { class: "scale" }), percent(most)));
      }
      key.append(make("span", {}, "of the row's images"));
    }

    // All classes: a dot for each cell, the darkest on top.
    function picture() {
      const classes = tree.leaves.length;
      const side = classes <= 2000 ? classes * Math.max(1, Math.floor(900 / classes)) : 2000;
      const canvas = make("canvas", { width: side, height: side, role: "img" });
      canvas.setAttribute("aria-label", `All ${written.format(classes)} classes; the numbers are in the table below`);
      const dots = [];
      let most = 0;
      for (let truth = 0; truth < classes; truth++) {
        const asked = cells.asked[truth + 1] - cells.asked[truth];
        for (let cell = cells.start[truth]; cell < cells.start[truth + 1]; cell++) {
          const answer = cells.answers[cell], share = cells.images[cell] / asked;
          if (truth !== answer) most = Math.max(most, share);
          dots.push([truth, answer, share]);
        }
      }
      dots.sort((a, b) => (a[0] === a[1]) - (b[0] === b[1]) || a[2] - b[2]);
      const branches = tree.children[0].filter((node) => tree.children[node].length && !tree.isRange(node));
      const dot = Math.max(2, Math.ceil(side / classes)); // one pixel is hard to see
      const place = (at) => Math.floor(at * side / classes);
      const paint = () => {
        const palette = palettes[dark.matches && !printing ? "dark" : "light"];
        const brush = canvas.getContext("2d");
        const ramp = [...Array(heat).keys()].map((at) => palette[`heat-${at}`]);
        const scale = gradient(ramp);
        brush.globalAlpha = 1;
        brush.fillStyle = ramp[0];
        brush.fillRect(0, 0, side, side);
        for (const [truth, answer, share] of dots) {
          const right = truth === answer;
          brush.globalAlpha = right ? 0.3 + 0.7 * share : 1; // no text on it
          brush.fillStyle = right ? palette["series-1"] : scale[Math.round(255 * shade(share, most))];
          brush.fillRect(place(answer), place(truth), dot, dot);
        }
        brush.globalAlpha = 0.5;
        brush.fillStyle = palette.control;
        for (const node of branches.slice(1)) {
          const at = place(tree.first[node]);
          brush.fillRect(at, 0, 1, side);
          brush.fillRect(0, at, side, 1);
        }
      };
      const at = (event) => {
        const area = canvas.getBoundingClientRect();
        const leaf = (part) => Math.min(classes - 1, Math.max(0, Math.floor(part * classes)));
        return [leaf((event.clientY - area.top) / area.height), leaf((event.clientX - area.left) / area.width)];
      };
      canvas.addEventListener("pointermove", (event) => {
        const [truth, answer] = at(event);
        const found = cells.answers.subarray(cells.start[truth], cells.start[truth + 1]).indexOf(answer);
        tell(tree.leaves[truth], tree.leaves[answer], found < 0 ? 0 : cells.images[cells.start[truth] + found]);
      });
      const holds = (node, other) => tree.first[node] <= tree.first[other] && tree.last[other] <= tree.last[node];
      canvas.addEventListener("click", (event) => {
        const [truth, answer] = at(event).map((leaf) => Math.max(0, tree.parents[tree.leaves[leaf]]));
        if (holds(truth, answer)) go(truth, truth); // never a branch against a part of it
        else if (holds(answer, truth)) go(answer, answer);
        else go(truth, answer);
      });
      const names = make("div", { class: "branches", "aria-hidden": "true" });
      for (const node of branches) {
        const part = (tree.last[node] - tree.first[node]) / classes;
        if (part < 0.02) continue; // a name is higher than that
        const name = make("span", { dir: "auto", title: tree.path(node) }, tree.label(node, 16));
        name.style.top = `${100 * (tree.first[node] / classes + part / 2)}%`;
        names.append(name);
      }
      names.hidden = !branches.length;
      paint();
      redrawn[box.number] = paint;
      explainColours(true, most);
      return make("div", { class: "picture" }, names, canvas);
    }

    function draw() {
      const focused = box.contains(document.activeElement);
      tree = trees[matrices[chosen].tree];
      cells = unpacked[chosen] ??= unpack(matrices[chosen], tree.leaves.length);
      redrawn[box.number] = () => {};
      shown.replaceChildren(whole ? picture() : table());
      remark.textContent = tree.remark;
      drawCrumbs();
      back.disabled = !earlier.length;
      all.setAttribute("aria-pressed", String(whole));
      all.hidden = tree.parents.length <= tree.leaves.length + 1 && !whole; // they are all in sight
      readout.replaceChildren(whole ? "Point at a dot to see what it is; click it to look closer."
        : shown.querySelector(".opens") ? "Click a name to look into it, a cell to see its row's classes against its column's."
        : "Point at a cell, or go to it with the arrow keys, to see what it is.");
      if (focused && (document.activeElement === document.body || document.activeElement.disabled)) {
        shown.querySelector('[tabindex="0"]')?.focus({ preventScroll: true });
      }
    }

    function drawCrumbs() {
      const steps = (node) => tree.line(node).flatMap((one, at) => {
        const name = tree.label(one, 40);
        const here = one === node && rows === columns && !whole;
        const step = here || !tree.children[one].length ? make("b", { dir: "auto", "aria-current": String(here) }, name)
          : button(name, () => go(one, one), { dir: "auto" });
        return at ? [" › ", step] : [step];
      });
      crumbs.replaceChildren(make("span", { class: "keys" }, matrices[chosen].keys.join(", ")));
      if (whole) crumbs.append(make("span", {}, ...steps(0)));
      else if (rows === columns) crumbs.append(make("span", {}, ...steps(rows)));
      else crumbs.append(make("span", {}, "shown: ", ...steps(rows)), make("span", {}, "answered: ", ...steps(columns)));
    }

    // The matrix of the chosen keys; where there is none, one that has the key chosen last.
    const lists = filters.map((name, number) => {
      const options = [...new Set(matrices.map((one) => one.keys[number]))];
      const list = make("select", { autocomplete: "off" });
      list.append(...options.map((option) => new Option(option, option)));
      list.addEventListener("change", () => {
        const fits = (one) => lists.every((other, at) => other.value === one.keys[at]);
        const exact = matrices.findIndex(fits);
        choose(exact >= 0 ? exact : matrices.findIndex((one) => one.keys[number] === list.value));
      });
      if (options.length > 1) choices.append(make("label", {}, name, list));
      return list;
    });
    function choose(number) {
      if (matrices[number].tree !== matrices[chosen].tree) {
        rows = columns = 0;
        earlier.length = 0;
      }
      chosen = number;
      lists.forEach((list, at) => { list.value = matrices[number].keys[at]; });
      draw();
    }
    choices.hidden = !choices.children.length;
    choose(0);
  }

  // 256 colours between those of a scale, as the browser mixes them.
  function gradient(colours) {
    const brush = make("canvas", { width: 256, height: 1 }).getContext("2d", { willReadFrequently: true });
    const fill = brush.createLinearGradient(0, 0, 255, 0);
    colours.forEach((one, at) => fill.addColorStop(at / (colours.length - 1), one));
    brush.fillStyle = fill;
    brush.fillRect(0, 0, 256, 1);
    const { data } = brush.getImageData(0, 0, 256, 1);
    return [...Array(256).keys()].map((at) => `rgb(${data.slice(4 * at, 4 * at + 3).join(" ")})`);
  }

  const charts = read("matrices");
  [...document.querySelectorAll("[data-matrices]")].forEach((box, number) => {
    box.number = number;
    explore(box, charts[box.dataset.matrices]);
  });
  const redraw = () => { for (const paint of redrawn) paint(); };
  dark.addEventListener("change", redraw);
  window.addEventListener("beforeprint", () => { printing = true; redraw(); });
  window.addEventListener("afterprint", () => { printing = false; redraw(); });
})();
