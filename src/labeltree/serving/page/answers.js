// Where in the tree a picture is answered, for any target accuracy, from one reply of the server.
import { shown } from "./elements.js";

export const nameOf = (path) => path.slice(path.lastIndexOf("/") + 1);
const isBelow = (path, above) => above === "" || path.startsWith(`${above}/`);

function lineage(path) {
  const names = path === "" ? [] : path.split("/");
  return names.map((_, at) => names.slice(0, at + 1).join("/"));
}

// What the reply tells of nodes; of a node it leaves out, that it has at least what its child has.
function certainties(result, paths) {
  const { answer, ladder, top } = result;
  const told = new Map();
  for (const { path, probability } of [...ladder, ...top, ...answer.beyond, ...answer.steps]) {
    told.set(path, probability);
  }
  let least = 0;
  return paths.reverse().map((path) => {
    const exact = told.has(path);
    least = exact ? told.get(path) : least;
    return { path, probability: least, exact };
  }).reverse();
}

// The most probable way down that leads through a node, as deep as the reply tells.
function wayThrough(result, path) {
  const { answer, top } = result;
  const deepest = (answer.beyond.at(-1) ?? answer.steps.at(-1))?.path ?? "";
  if (deepest === path || isBelow(deepest, path)) return deepest;
  return top.find((leaf) => isBelow(leaf.path, path))?.path ?? path;
}

const placeOnLadder = (ladder, target) => {
  const at = ladder.findIndex((entry) => entry.target_accuracy >= target);
  return at < 0 ? ladder.length - 1 : at;
};

// In the words of the slider, so that a person sees what it would do; the model has its own reasons.
function why(ladder, at) {
  const { path, target_accuracy: until } = ladder[at];
  if (at === 0) {
    return until >= 1 ? "No setting changes this answer." : `This stays the answer at settings up to ${shown(until)}.`;
  }
  const { path: narrower, target_accuracy: most } = ladder[at - 1];
  const stops = path === "" ? "Not even a broad label is sure enough" : "It stops here";
  return `${stops}: ${nameOf(narrower)} is answered only at settings up to ${shown(most)}.`;
}

// The answer for a target accuracy. `trained` is the target that the server's own answer is for.
export function answerAt(result, target, trained) {
  const { answer, ladder } = result;
  const at = placeOnLadder(ladder, target);
  const own = target === trained;
  const path = own ? answer.path : ladder[at].path;
  const probability = own ? answer.probability : ladder[at].probability;
  const way = certainties(result, lineage(wayThrough(result, path)));
  const depth = lineage(path).length;
  return {
    path,
    probability,
    depth,
    steps: way.slice(0, depth),
    beyond: way.slice(depth),
    why: why(ladder, at),
    reason: own ? answer.reason : why(ladder, at),
    key: `${own}|${at}`,
  };
}
