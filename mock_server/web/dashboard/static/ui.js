// The pieces every view is made of. Text always becomes a text node: what a request brought along is shown, never run.
import { html, render, useEffect, useMemo, useRef, useState } from "./preact-htm.js";
import { json } from "./json.js";
import { bytes } from "./text.js";

export { html, render, useEffect, useMemo, useRef, useState };

/** A button that is busy while its action runs, and says when it failed. confirm: what is asked first. */
export function Button({ onPress, confirm, children, ...attributes }) {
  const [busy, setBusy] = useState(false);
  const press = async () => {
    if (busy || (confirm && !(await ask(confirm, children)))) return;
    setBusy(true);
    try {
      await onPress();
    } catch (error) {
      toast(error.message, "bad");
    } finally {
      setBusy(false);
    }
  };
  return html`<button type="button" aria-busy=${busy} onClick=${press} ...${attributes}>${children}</button>`;
}

/** Copies a text, or the text that a function gives when pressed. */
export function Copy({ text, label = "Copy", ...attributes }) {
  const [done, setDone] = useState(false);
  const press = async () => {
    await copy(typeof text === "function" ? await text() : text);
    setDone(true);
    setTimeout(() => setDone(false), 1200);
  };
  return html`<${Button} class="quiet" onPress=${press} ...${attributes}>${done ? "Copied" : label}<//>`;
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain http on another host than localhost has no clipboard; the old way still works there.
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "offscreen" });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** A short message at the foot of the page or of the open dialog, read out by screen readers. */
export function toast(text, kind = "good") {
  const message = Object.assign(document.createElement("p"), { className: `toast ${kind}`, textContent: text, role: "status" });
  (document.querySelector("dialog[open]") ?? document.getElementById("toasts")).append(message);
  setTimeout(() => message.remove(), kind === "bad" ? 8000 : 4000);
}

/** Whether the question is answered with yes. */
export function ask(question, yes) {
  return new Promise((resolve) => {
    const place = document.createElement("div");
    document.body.append(place);
    const done = (answer) => {
      render(null, place);
      place.remove();
      resolve(answer);
    };
    const content = html`<p>${question}</p>
      <div class="row end">
        <button type="button" onClick=${() => done(false)}>Keep it</button>
        <button type="button" class="danger" onClick=${() => done(true)}>${yes}</button>
      </div>`;
    render(html`<${Dialog} label="Please confirm" onClose=${() => done(false)}>${content}<//>`, place);
  });
}

/** A modal dialog; Escape closes it. */
export function Dialog({ label, onClose, children, wide = false, widest = false }) {
  const box = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    box.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  return html`<dialog ref=${box} class=${widest ? "widest" : wide ? "wide" : ""} aria-label=${label} onClose=${onClose}>
    <h2>${label}</h2>
    ${children}
  </dialog>`;
}

/** A button that opens a list of actions below it. */
export function Menu({ label, children, ...attributes }) {
  const box = useRef(null);
  const close = (event) => {
    if (!box.current.contains(event.relatedTarget)) box.current.open = false;
  };
  const key = (event) => {
    if (event.key !== "Escape" || !box.current.open) return;
    event.stopPropagation();
    box.current.open = false;
    box.current.firstElementChild.focus();
  };
  return html`<details class="menu" ref=${box} onFocusOut=${close} onKeyDown=${key} ...${attributes}>
    <summary class="button">${label}</summary>
    <div class="items">${children}</div>
  </details>`;
}

/** [term, value] pairs; pairs without a value are left out. */
export function Facts({ pairs }) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  return html`<dl class="facts">${shown.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;
}

/** Headers or parameters by name. */
export const Named = ({ values }) => html`<${Facts} pairs=${Object.entries(values).map(([name, value]) => [name, html`<${Long} text=${value} />`])} />`;

export function Fold({ title, open = false, children }) {
  return html`<details open=${open}><summary>${title}</summary>${children}</details>`;
}

const LONG = 300;

/** A value in its own font; a long one is folded. */
export function Long({ text }) {
  const [all, setAll] = useState(false);
  const value = String(text);
  if (value.length <= LONG) return html`<code>${value}</code>`;
  return html`<code>${all ? value : `${value.slice(0, LONG)}…`}</code>
    <button type="button" class="quiet" onClick=${() => setAll(!all)}>${all ? "Less" : `All ${value.length} characters`}</button>`;
}

/** A text whose parts in backticks are code. */
export const Ticked = ({ text }) => text.split(/`([^`]+)`/).map((part, index) => (index % 2 ? html`<code>${part}</code>` : part));

/** A text to copy, under its label. */
export function Code({ text, label = "" }) {
  return html`<div class="code"><div class="code-label"><h3>${label}</h3><${Copy} text=${text} /></div><pre tabindex="0">${text}</pre></div>`;
}

/** A body: JSON in colours, else as it was sent. */
export const Content = ({ message }) => html`${message.cut && html`<p class="note">The body is ${message.cut}.</p>`}
  ${message.json === undefined ? html`<${Raw} message=${message} />` : json(message.json)}`;

/** A body as it was sent; of bytes that are not text their number. */
export function Raw({ message }) {
  if (message.base64) return html`<p class="note">${bytes(message.size)} that are not text</p>`;
  return message.body ? html`<${Code} text=${message.body} />` : html`<p class="note">No body.</p>`;
}

/** What of an item the server cannot show, and why. */
export const Unshowable = ({ item }) => (item.unshowable ? html`<p class="note unshowable">Not all of this can be shown: ${item.unshowable}.</p>` : null);

/** How something ended: the same mark and colour on every page. */
export const Fate = ({ fate, children }) => html`<span class=${`fate ${fate}`}>${children}</span>`;

/** An event or status, whose first word may be left out where there is little room: verification.accepted. */
export function Dotted({ word }) {
  const at = word.lastIndexOf(".") + 1;
  return html`${at ? html`<span class="long">${word.slice(0, at)}</span>` : null}${word.slice(at)}`;
}

/** A field with its name above it. */
export const Field = ({ label, children }) => html`<label class="field"><span>${label}</span>${children}</label>`;

export function Select({ label, value, options, onChange, ...attributes }) {
  return html`<select aria-label=${label} value=${value} onChange=${(event) => onChange(event.target.value)} ...${attributes}>
    ${options.map(([key, text]) => html`<option value=${key} selected=${key === value}>${text}</option>`)}
  </select>`;
}
