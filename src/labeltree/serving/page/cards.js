// One picture as it is shown: its answer, the way through the tree, and what else it might be.
import { answerAt, nameOf } from "./answers.js";
import { element, percent } from "./elements.js";

const SMALL = 96; // pixels up to which a picture is shown with sharp pixels
const wide = matchMedia("(min-width: 60rem)");

export class Card {
  #picture;
  #shown = null;

  constructor(picture, onRemove, onAgain) {
    this.#picture = picture;
    this.onAgain = onAgain;
    this.image = element("div", { class: "image" });
    this.body = element("div", { class: "body" });
    this.others = element("div", { class: "others" });
    this.button = element("button", { type: "button", class: "remove", textContent: "Remove", ariaLabel: `Remove ${picture.name}` });
    this.button.addEventListener("click", onRemove);
    const file = element("p", { class: "file", textContent: picture.name });
    this.node = element("li", { class: "card" }, this.image, element("div", { class: "told" }, file, this.body), this.others, this.button);
    this.show();
  }

  // After the picture's state changed.
  show() {
    const { state, thumbnail, problem, again } = this.#picture;
    this.node.dataset.state = state;
    this.#shown = null;
    if (thumbnail && !this.image.firstChild) {
      const image = element("img", { src: thumbnail, alt: "" });
      image.addEventListener("load", () => image.classList.toggle("small", image.naturalWidth <= SMALL));
      this.image.append(image);
    }
    if (state === "problem") {
      this.body.replaceChildren(element("h3", { textContent: "No answer" }), element("p", { class: "problem", textContent: problem }));
      if (again) this.body.append(this.#again());
    } else if (state !== "answered") {
      this.body.replaceChildren(note(state === "sending" ? "Looking at it …" : "Waiting for its turn …"));
    }
  }

  // Move the answer to where a target accuracy puts it.
  answer(target, trained) {
    const { result, remade } = this.#picture;
    if (!this.others.firstChild && result.top.length) this.others.append(alternatives(result.top));
    const found = answerAt(result, target, trained);
    if (found.key === this.#shown) return;
    this.#shown = found.key;
    this.body.replaceChildren(heading(found), ...labels(result.answer.labels), way(found), element("p", { class: "why", textContent: found.why }));
    if (found.reason !== found.why) this.body.append(note(`The model says: ${found.reason.replaceAll(" %", "\u00a0%")}.`));
    if (remade) this.body.append(note(`This file ${remade.why}: a JPEG of ${remade.width} × ${remade.height} pixels was made of it on this device and sent. The file itself may get another answer.`));
  }

  #again() {
    const button = element("button", { type: "button", textContent: "Try again" });
    button.addEventListener("click", this.onAgain);
    return button;
  }
}

const note = (words) => element("p", { class: "note", textContent: words });

function heading({ path, probability }) {
  if (path === "") return element("h3", { textContent: "Not sure enough for any label" });
  const chance = element("span", { class: "chance", textContent: percent(probability) });
  return element("h3", {}, `${nameOf(path)} `, chance);
}

function way({ steps, beyond }) {
  const last = steps.length - 1;
  const rows = [
    ...steps.map((step, at) => row(step, at === last ? "answer" : "passed", at === last ? "the answer" : "")),
    ...beyond.map((step) => row(step, "beyond", "not sure enough")),
  ];
  return element("ol", { class: "steps", ariaLabel: "Way through the tree" }, ...rows);
}

function row({ path, probability, exact = true }, kind, remark) {
  const bar = element("i", { class: "filled" });
  bar.style.width = `${100 * probability}%`;
  const name = element("span", { class: "name", title: path }, nameOf(path));
  if (remark) name.append(" ", element("span", { class: "remark", textContent: remark }));
  const number = element("span", { class: "number", textContent: `${exact ? "" : "≥ "}${percent(probability)}` });
  return element("li", { class: kind }, name, number, element("span", { class: "bar", ariaHidden: "true" }, bar));
}

function labels(found = []) {
  if (found.length === 0) return [];
  const chips = found.map(({ path, presence }) => element("li", { title: path }, `${nameOf(path)} `, element("span", { class: "number", textContent: percent(presence) })));
  return [element("ul", { class: "labels", ariaLabel: "Labels in this picture" }, ...chips)];
}

function alternatives(top) {
  const rows = top.map((leaf) => {
    const made = row(leaf, "leaf", "");
    const above = leaf.path.split("/").slice(0, -1).join(" › ");
    if (above) made.querySelector(".name").append(" ", element("span", { class: "remark", textContent: above }));
    return made;
  });
  return element("details", { open: wide.matches }, element("summary", { textContent: "Nearest labels" }), element("ol", { class: "steps" }, ...rows));
}
