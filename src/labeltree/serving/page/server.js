// Talking to the server: it may be busy, out of reach, or want a key; then everybody waits.

const PATIENCE = 120_000; // milliseconds for one reply
const LONGEST_PAUSE = 30; // seconds
const MOST_BUSY = 5; // replies, after which the reason is shown
const KEY = "labeltree-key";

const TOO_MUCH = { 408: "took too long to send", 413: "is larger than this server takes" };

// What the server refuses, or a proxy before it. `again`: whether another try may succeed;
// `tooMuch`: what was wrong with the size of what was sent.
export class Refused extends Error {
  constructor(message, status = 0) {
    super(message);
    this.again = status >= 500 || status === 408;
    this.tooMuch = TOO_MUCH[status] ?? "";
  }
}

export class Server {
  #key = stored();
  #pause = null;
  #asking = null;
  #inReach = true;

  // `tell` is given "busy" or "offline" with the seconds to wait, or null when all is well;
  // `askForKey` is given whether a key was refused, and promises one.
  constructor(tell, askForKey) {
    this.tell = tell;
    this.askForKey = askForKey;
  }

  model() {
    return this.#ask("model", {});
  }

  async look(picture) {
    const type = picture.type.startsWith("image/") ? picture.type : "application/octet-stream";
    const options = { method: "POST", body: picture, headers: { "Content-Type": type } };
    const { results } = await this.#ask("predict?ladder=true&top=5", options);
    const [result] = results;
    if (result.problem) throw new Refused(result.problem);
    return result;
  }

  async #ask(address, options) {
    let busy = 0;
    for (let failures = 0; ; failures += 1) {
      while (this.#pause) await this.#pause;
      const key = this.#key;
      const headers = { ...options.headers, ...(key && { Authorization: `Bearer ${key}` }) };
      const signal = AbortSignal.timeout(PATIENCE);
      let reply, body;
      try {
        reply = await fetch(address, { ...options, headers, signal, cache: "no-store" });
        body = await reply.text();
      } catch {
        await this.#wait("offline", Math.min(LONGEST_PAUSE, 2 ** (failures + 1)));
        continue;
      }
      if (reply.status === 401) {
        await this.#newKey(key);
      } else if (reply.status === 503 && ++busy < MOST_BUSY) {
        await this.#wait("busy", Number(reply.headers.get("Retry-After")) || Math.min(LONGEST_PAUSE, 2 ** failures));
      } else {
        this.#well();
        return understood(reply, body);
      }
    }
  }

  #well() {
    if (!this.#inReach) this.tell(null);
    this.#inReach = true;
  }

  #wait(state, seconds) {
    if (this.#pause) return this.#pause; // another request met the same
    this.#inReach = false;
    this.tell(state, seconds);
    this.#pause = new Promise((done) => {
      setTimeout(done, seconds * 1000);
      if (state === "offline") addEventListener("online", done, { once: true });
    }).finally(() => { this.#pause = null; });
    return this.#pause;
  }

  #newKey(refused) {
    if (refused !== this.#key) return null; // another request has a newer one
    this.#asking ??= this.askForKey(refused !== "").then((key) => {
      this.#key = key;
      store(key);
    }).finally(() => { this.#asking = null; });
    return this.#asking;
  }
}

function understood(reply, text) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refused(`The server gave no answer that this page understands (status ${reply.status}).`, reply.status);
  }
  if (reply.ok || body.results) return body; // 400 with results: no picture could be read
  throw new Refused(body.error ?? `The server refused it (status ${reply.status}).`, reply.status);
}

// Where the browser forbids storage, the key is kept as long as the page.
function stored() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

function store(key) {
  try {
    sessionStorage.setItem(KEY, key);
  } catch {
    // kept in memory only
  }
}
