// The session as a table that spreadsheets open.
import { answerAt } from "./answers.js";

const TOP = 5;
const FORMULA = /^\s*[=+\-@|＝＋－＠]|^[\t\r\n]/; // a spreadsheet would run such a text

function text(value) {
  const plain = value.replaceAll("\u00a0", " ");
  return FORMULA.test(plain) ? `'${plain}` : plain;
}

const share = (value) => value.toFixed(4);
const cell = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

const HEAD = [
  "image", "answer", "probability", "depth", "target_accuracy", "reason", "problem", "labels", "presence",
  ...Array.from({ length: TOP }, (_, at) => [`top_${at + 1}`, `top_${at + 1}_probability`]).flat(),
];

// CSV with a row for each picture that has an answer or a problem, as the page shows it.
export function csv(pictures, target, trained) {
  const rows = pictures.map((picture) => rowOf(picture, target, trained)).filter(Boolean);
  return "\ufeff" + [HEAD, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function rowOf({ name, state, result, problem }, target, trained) {
  if (state === "problem") return HEAD.map((column) => text({ image: name, problem }[column] ?? ""));
  if (state !== "answered") return null;
  const { path, probability, depth, reason } = answerAt(result, target, trained);
  const labels = result.answer.labels ?? [];
  const top = Array.from({ length: TOP }, (_, at) => result.top[at]);
  return [
    text(name), text(path), share(probability), `${depth}`, `${target}`, text(reason), "",
    text(labels.map((label) => label.path).join(";")), labels.map((label) => share(label.presence)).join(";"),
    ...top.flatMap((leaf) => (leaf ? [text(leaf.path), share(leaf.probability)] : ["", ""])),
  ];
}

export function save(content, name) {
  const url = URL.createObjectURL(new Blob([content], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // once the browser has taken it
}
