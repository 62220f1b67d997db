// Two texts side by side, with what differs marked and the first difference named.
import { difference, marked } from "./json.js";
import { Facts, html, useEffect, useRef } from "./ui.js";

const SHOWN = 24;

/** expected and received: {title, text}. */
export function Compare({ expected, received }) {
  const box = useRef(null);
  const [ours, theirs] = difference(expected.text, received.text);
  useEffect(() => {
    for (const mark of box.current.querySelectorAll("mark.begins")) mark.closest("pre").scrollTop = Math.max(0, mark.offsetTop - 48);
  }, [expected.text, received.text]);
  return html`<div class="compare" ref=${box}>
    <p class="note">${said(ours, theirs)}</p>
    <div class="sides">
      <section aria-label=${expected.title}><h4>${expected.title}</h4>${marked(ours, "missing")}</section>
      <section aria-label=${received.title}><h4>${received.title}</h4>${marked(theirs, "extra")}</section>
    </div>
  </div>`;
}

/** The first difference in words. */
function said(ours, theirs) {
  const at = ours.findIndex(([, same]) => !same);
  const to = theirs.findIndex(([, same]) => !same);
  if (at < 0 && to < 0) return "The two are the same.";
  const before = (runs, end) => runs.slice(0, end).reduce((sum, [text]) => sum + [...text].length, 0);
  const [left, right] = [at < 0 ? Infinity : before(ours, at), to < 0 ? Infinity : before(theirs, to)];
  const place = Math.min(left, right);
  const expected = left === place ? quoted(ours[at][0]) : "";
  const actual = right === place ? quoted(theirs[to][0]) : "";
  const where = html`<strong>First difference</strong> at character ${place + 1}: `;
  if (expected && actual) return html`${where}${expected} is expected, ${actual} is there.`;
  return expected ? html`${where}${expected} is missing.` : html`${where}${actual} is too much.`;
}

function quoted(text) {
  const characters = [...text];
  const short = characters.length > SHOWN ? `${characters.slice(0, SHOWN).join("")}…` : text;
  return html`<code>${short.replaceAll(" ", "␠").replaceAll("\n", "⏎").replaceAll("\r", "␍").replaceAll("\t", "⇥")}</code>`;
}

/** Headers as sent and as received; those that differ first. */
export function CompareHeaders({ sent, received }) {
  const actual = Object.fromEntries(Object.entries(received).map(([name, value]) => [name.toLowerCase(), value]));
  const rows = Object.entries(sent).map(([name, value]) => ({ name, value, actual: actual[name.toLowerCase()] }));
  const differ = (row) => (row.actual ?? "") !== row.value;
  rows.sort((one, other) => differ(other) - differ(one));
  return html`<${Facts} pairs=${rows.map((row) => [row.name, differ(row) ? html`<code>${row.value}</code> was sent, ${row.actual === undefined ? html`<strong class="fault">missing here</strong>` : html`<code class="bad">${row.actual}</code> is here`}` : html`<code>${row.value}</code> <span class="note">the same</span>`])} />`;
}
