// The pictures of this session, and the queue in which they go to the server.
import { prepare } from "./pictures.js";
import { Refused } from "./server.js";

const IN_FLIGHT = 3;

export class Session {
  pictures = []; // {number, name, file, tooMuch, thumbnail, remade, state, result, problem, again}
  #waiting = [];
  #working = 0;
  #last = 0;

  // `model` promises what the server tells of it; `changed` is given each picture that did.
  constructor(server, model, changed) {
    this.server = server;
    this.model = model;
    this.changed = changed;
  }

  add(files) {
    const added = files.map(({ name, file }) => ({ number: ++this.#last, name, file, thumbnail: null, state: "waiting" }));
    this.pictures.push(...added);
    this.#enqueue(added);
    return added;
  }

  again(picture) {
    picture.state = "waiting";
    this.changed(picture);
    this.#enqueue([picture]);
  }

  remove(pictures) {
    const gone = new Set(pictures);
    this.pictures = this.pictures.filter((picture) => !gone.has(picture));
    this.#waiting = this.#waiting.filter((picture) => !gone.has(picture));
    for (const picture of gone) {
      picture.state = "removed";
      if (picture.thumbnail) URL.revokeObjectURL(picture.thumbnail);
    }
  }

  get unanswered() {
    return this.pictures.filter(({ state }) => state === "waiting" || state === "sending").length;
  }

  #enqueue(pictures) {
    this.#waiting.push(...pictures);
    while (this.#working < IN_FLIGHT && this.#working < this.#waiting.length) this.#work();
  }

  async #work() {
    this.#working += 1;
    for (let picture = this.#waiting.shift(); picture; picture = this.#waiting.shift()) {
      const outcome = await this.#look(picture);
      if (picture.state === "removed") continue;
      Object.assign(picture, outcome);
      this.changed(picture);
    }
    this.#working -= 1;
  }

  async #look(picture) {
    picture.state = "sending";
    try {
      const model = await this.model;
      const { sent, thumbnail, remade } = await prepare(picture.file, model, picture.tooMuch);
      if (picture.state === "removed") return null;
      if (thumbnail && !picture.thumbnail) picture.thumbnail = URL.createObjectURL(thumbnail);
      picture.remade = remade;
      this.changed(picture);
      if (sent.size > model.limits.bytes) throw new Refused(tooLarge(sent.size, model.limits.bytes));
      const result = await this.server.look(sent);
      return { state: "answered", result, file: null }; // the original is let go
    } catch (error) {
      if (error.tooMuch && !picture.tooMuch && picture.thumbnail) {
        picture.tooMuch = error.tooMuch;
        return this.#look(picture);
      }
      const known = error instanceof Refused;
      const problem = known ? error.message : "This file could not be opened: was it moved, or is it a folder?";
      const again = known && error.again;
      return { state: "problem", problem, again, file: again ? picture.file : null };
    }
  }
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const tooLarge = (bytes, most) => `This file has ${megabytes(bytes)}; the server takes up to ${megabytes(most)}. Make the picture smaller.`;
