// The page: what it hears from the person, and what it shows.
import { answerAt, nameOf } from "./answers.js";
import { prepareCamera } from "./camera.js";
import { Card } from "./cards.js";
import { byId, many, percent, shown } from "./elements.js";
import { askForKey } from "./lock.js";
import { filesOf } from "./pictures.js";
import { Server } from "./server.js";
import { Session } from "./session.js";
import { csv, save } from "./table.js";

const cards = new Map(); // picture → card
let trained = null; // target accuracy that the model was trained with
let target = null; // the one that the person asks for

// -- notices and the live region

function notice(words, button = "", act = null) {
  byId("notice").hidden = !words;
  byId("notice-text").textContent = words ?? "";
  Object.assign(byId("notice-button"), { hidden: !button, textContent: button, onclick: act });
}

const WAITS = { busy: "The server is busy.", offline: "The server cannot be reached." };
const tell = (state, seconds) => notice(state && `${WAITS[state]} Trying again in ${many(seconds, "second")}; nothing is lost.`);

const unspoken = [];
let speaking = null;
function speak(words) { // several at once would talk over each other
  unspoken.push(words);
  speaking ??= setTimeout(() => {
    byId("spoken").textContent = unspoken.length === 1 ? unspoken[0] : `${unspoken.length} more done. ${byId("summary").textContent}`;
    unspoken.length = 0;
    speaking = null;
  }, 400);
}

// -- the session

const server = new Server(tell, (refused) => askForKey(refused, notice));
const model = server.model();
const session = new Session(server, model, changed);

function changed(picture) {
  const card = cards.get(picture);
  card.show();
  if (picture.state === "answered") {
    card.answer(target, trained);
    const { path, probability } = answerAt(picture.result, target, trained);
    speak(`${picture.name}: ${path ? `${nameOf(path)}, ${percent(probability)}` : "not sure enough for any label"}`);
  } else if (picture.state === "problem") {
    speak(`${picture.name}: ${picture.problem}`);
  }
  summarise();
}

function add(files) {
  byId("nothing").hidden = files.length > 0;
  if (files.length === 0) return;
  for (const picture of session.add(files)) {
    const card = new Card(picture, () => remove(picture), () => session.again(picture));
    cards.set(picture, card);
    byId("pictures").append(card.node);
  }
  summarise();
}

function remove(picture) {
  const { node } = cards.get(picture);
  const next = node.nextElementSibling ?? node.previousElementSibling; // for the keyboard's focus
  session.remove([picture]);
  node.remove();
  cards.delete(picture);
  summarise();
  (next?.querySelector(".remove") ?? byId("choose")).focus();
  speak(`${picture.name} removed`);
}

function clear() {
  session.remove(session.pictures);
  cards.clear();
  byId("pictures").replaceChildren();
  summarise();
  byId("choose").focus();
  speak("All pictures removed");
}

function summarise() {
  const { pictures, unanswered } = session;
  const answered = pictures.filter(({ state }) => state === "answered");
  const answers = answered.map(({ result }) => answerAt(result, target, trained));
  const whole = answers.filter(({ beyond }) => beyond.length === 0).length;
  const none = answers.filter(({ path }) => path === "").length;
  const problems = pictures.length - answered.length - unanswered;
  const parts = [
    [whole, `${whole} with a final label`],
    [answers.length - whole - none, `${answers.length - whole - none} with a broader label`],
    [none, `${none} without a label`],
    [problems, many(problems, "problem")],
    [unanswered, `${unanswered} to come`],
  ].filter(([count]) => count > 0).map(([, words]) => words);
  byId("session").hidden = pictures.length === 0;
  byId("count").textContent = many(pictures.length, "picture");
  byId("summary").textContent = parts.join(", ");
  Object.assign(byId("progress"), { hidden: unanswered === 0, max: pictures.length || 1, value: pictures.length - unanswered });
  byId("save").disabled = pictures.length === unanswered;
}

// -- how sure it must be

function showTarget() {
  const words = `${shown(target)} of answers right`;
  byId("sure-text").textContent = words;
  byId("sure").setAttribute("aria-valuetext", words);
  byId("trained").disabled = target === trained;
}

let drawing = null;
function ask(share) {
  target = share;
  showTarget();
  drawing ??= requestAnimationFrame(() => {
    drawing = null;
    for (const picture of session.pictures) {
      if (picture.state === "answered") cards.get(picture).answer(target, trained);
    }
    summarise();
  });
}

function showModel({ name, leaves, levels, target_accuracy: share, image_size: side, backend, version }) {
  trained = target = share;
  document.title = `${name} · labeltree`;
  byId("model").textContent = name;
  byId("about").textContent = `${many(leaves, "label")} in ${many(levels.length, "level")}: ${levels.join(" › ")}`;
  byId("made").textContent = `Model ${name}, which looks at ${side} × ${side} pixels, computed by ${backend}. labeltree ${version}.`;
  byId("sure").value = Math.round(100 * share);
  byId("trained-share").textContent = shown(share);
  byId("mark").style.setProperty("--at", share);
  showTarget();
}

// -- what the person does

const named = (files) => [...files].map((file) => ({ name: file.name, file }));

for (const id of ["files", "phone"]) {
  byId(id).addEventListener("change", ({ target: input }) => {
    if (id === "phone") byId("camera").close();
    if (input.files.length) add(named(input.files));
    input.value = ""; // the same file may be chosen again
  });
}
byId("choose").addEventListener("click", () => byId("files").click());
byId("clear").addEventListener("click", clear);
byId("save").addEventListener("click", () => save(csv(session.pictures, target, trained), "answers.csv"));
byId("sure").addEventListener("input", () => ask(Number(byId("sure").value) / 100));
byId("trained").addEventListener("click", () => {
  byId("sure").value = Math.round(100 * trained);
  byId("sure").focus(); // the button is about to be disabled
  ask(trained);
});
prepareCamera(add);

const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
const over = (shows) => document.body.classList.toggle("dropping", shows);
addEventListener("dragover", (event) => {
  event.preventDefault(); // or the browser would leave the page for the picture
  over(holdsFiles(event));
});
addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
addEventListener("drop", async (event) => {
  event.preventDefault();
  over(false);
  add(await filesOf(event.dataTransfer));
});
addEventListener("paste", async (event) => {
  if (event.target.matches("input") || event.clipboardData.files.length === 0) return;
  event.preventDefault();
  add(await filesOf(event.clipboardData));
});

model.then(showModel).catch((error) => notice(error.message, "Try again", () => location.reload()));
