// Asking for the server's key, once; until there is one, a notice offers to ask again.
import { byId } from "./elements.js";

const SENDABLE = /^[\x20-\x7e]+$/; // what may stand in a header

export function askForKey(refused, notice) {
  const [dialog, form, field, text] = ["lock", "lock-form", "key", "lock-text"].map(byId);
  return new Promise((done) => {
    const open = (words) => {
      notice(null);
      text.textContent = words;
      field.value = "";
      if (!dialog.open) dialog.showModal();
    };
    const controller = new AbortController();
    const on = (target, event, act) => target.addEventListener(event, act, { signal: controller.signal });
    const later = () => notice("This server answers only with its key.", "Enter the key", () => open(""));
    on(form, "submit", (event) => {
      event.preventDefault();
      const key = field.value.trim();
      if (!SENDABLE.test(key)) return open("A key has only letters without accents, digits and signs.");
      field.value = "";
      controller.abort();
      dialog.close();
      return done(key);
    });
    on(byId("no-key"), "click", () => dialog.close());
    on(dialog, "close", later);
    open(refused ? "The server did not accept that key." : "Whoever runs the server can tell you.");
  });
}
