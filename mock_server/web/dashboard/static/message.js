// Bodies and headers of what was received and sent.
import { code, facts, h } from "./dom.js";
import { json } from "./json.js";
import { bytes } from "./text.js";

/** A body: JSON in colours, else as it was sent. */
export function content(message) {
  return message.json === undefined ? raw(message) : json(message.json);
}

/** A body as it was sent; of bytes that are no text their number. */
export function raw(message) {
  if (message.base64) return h("p.note", `${bytes(message.size)} that are no text`);
  return message.body ? code(message.body) : h("p.note", "No body.");
}

/** What of an entry the server cannot show, and why; null: it shows all of it. */
export function unshowable(entry) {
  return entry.unshowable ? h("p.note.unshowable", `Not all of this can be shown: ${entry.unshowable}.`) : null;
}

/** Headers by name. */
export function headers(found) {
  return facts(Object.entries(found).map(([name, value]) => [name, h("code", value)]));
}
