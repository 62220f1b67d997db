// JSON in colours, and the difference of two texts.
import { html } from "./preact-htm.js";

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A value or JSON text as coloured, indented text. Strings that hold JSON themselves stay strings. */
export function json(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(text.slice(at, match.index));
    const kind = match[2] !== undefined ? "key" : match[1] !== undefined ? "string" : match[3] !== undefined ? "word" : "number";
    parts.push(html`<span class=${`json-${kind}`}>${match[1] ?? match[0]}</span>`, match[2] ?? "");
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  return html`<pre tabindex="0">${parts}</pre>`;
}

/**
 * What was expected and what came, as two lists of [text, same] runs. Compared by piece (words, punctuation), so that a
 * moved pair shows as such; by the common head and tail where the texts are long.
 */
export function difference(expected, actual) {
  const [a, b] = [pieces(expected), pieces(actual)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const middleA = a.slice(head, a.length - tail);
  const middleB = b.slice(head, b.length - tail);
  const pairs = middleA.length * middleB.length <= 250_000 ? common(middleA, middleB) : [];
  const runsA = [[a.slice(0, head).join(""), true]];
  const runsB = [[a.slice(0, head).join(""), true]];
  let [atA, atB] = [0, 0];
  for (const [i, j] of [...pairs, [middleA.length, middleB.length]]) {
    const [same, left, right, end] = edges(middleA.slice(atA, i).join(""), middleB.slice(atB, j).join(""));
    const next = i < middleA.length ? middleA[i] : "";
    runsA.push([same, true], [left, false], [end + next, true]);
    runsB.push([same, true], [right, false], [end + next, true]);
    [atA, atB] = [i + 1, j + 1];
  }
  const rest = tail ? a.slice(-tail).join("") : "";
  return [join([...runsA, [rest, true]]), join([...runsB, [rest, true]])];
}

/** Two differing texts without the head and tail they share: [head, left, right, tail]. */
function edges(left, right) {
  const most = Math.min(left.length, right.length);
  let head = 0;
  while (head < most && left[head] === right[head]) head += 1;
  let tail = 0;
  while (tail < most - head && left.at(-1 - tail) === right.at(-1 - tail)) tail += 1;
  const end = (text) => text.length - tail;
  return [left.slice(0, head), left.slice(head, end(left)), right.slice(head, end(right)), left.slice(end(left))];
}

const pieces = (text) => text.match(/\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|[\p{L}\p{N}_-]+|\s|[^\s]/gu) ?? [];

function join(runs) {
  const joined = [];
  for (const [text, same] of runs) {
    if (!text) continue;
    const last = joined.at(-1);
    if (last && last[1] === same) last[0] += text;
    else joined.push([text, same]);
  }
  return joined;
}

/** Index pairs of a longest common subsequence. */
function common(a, b) {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = a[i] === b[j] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const pairs = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i += 1;
    else j += 1;
  }
  return pairs;
}

/** Runs of a difference as text, with what differs marked. */
export function marked(runs, kind) {
  const first = runs.findIndex(([, same]) => !same);
  return html`<pre class="wire" tabindex="0">${runs.map(([text, same], index) => (same ? text : html`<mark class=${index === first ? `${kind} begins` : kind}>${visible(text)}</mark>`))}</pre>`;
}

/** Spaces that decide a signature are shown as signs where they stand alone. */
function visible(text) {
  return /\S/.test(text) ? text : text.replaceAll(" ", "␠").replaceAll("\n", "⏎\n").replaceAll("\t", "⇥");
}
