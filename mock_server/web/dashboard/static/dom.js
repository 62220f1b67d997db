// Making elements. Text always becomes a text node: what a request brought along is shown, never run.

/** h("p.note", {title: "…"}, "text", element, null): an element with classes, properties or attributes, and children. */
export function h(selector, ...rest) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  const attributes = isAttributes(rest[0]) ? rest.shift() : {};
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children(rest));
  return element;
}

function isAttributes(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Node);
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "value" || name === "checked") element[name] = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

function children(list) {
  return list.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

/** Show these children and no others. */
export function fill(element, ...list) {
  element.replaceChildren(...children(list));
  return element;
}

const shownRows = new WeakMap();

/**
 * Bring a container's rows in line with items. A row whose item has not changed stays as it is, with its focus and
 * scroll; a changed one is made anew. Rows that were not there before get the class "fresh", except on the first call.
 */
export function keyed(container, items, key, render) {
  const before = shownRows.get(container);
  const known = before ?? new Map();
  const rows = new Map();
  const focused = document.activeElement?.closest?.("[data-key]")?.dataset.key;
  let at = container.firstElementChild;
  for (const item of items) {
    const id = key(item);
    const print = JSON.stringify(item);
    const old = known.get(id);
    const same = old && old.print === print;
    const node = same ? old.node : rendered(container, item, id, render);
    if (!same) {
      node.dataset.key = id;
      if (before && !old) node.classList.add("fresh");
    }
    rows.set(id, { node, print });
    if (node === at) at = at.nextElementSibling;
    else container.insertBefore(node, at);
  }
  for (const child of [...container.children]) {
    if (rows.get(child.dataset.key)?.node !== child) child.remove();
  }
  shownRows.set(container, rows);
  if (focused && document.activeElement === document.body) rows.get(focused)?.node.querySelector("a, button")?.focus();
}

/** The item's row; one that cannot be drawn says so, and the others are drawn all the same. */
function rendered(container, item, id, render) {
  try {
    return render(item);
  } catch (error) {
    console.error(error);
    return h(container.tagName === "UL" ? "li" : "div", h("p.note", `${id} cannot be shown here; the control API has it.`));
  }
}

/** A button that is busy while its action runs, and says when it failed. */
export function button(label, action, attributes = {}) {
  const element = h("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", async () => {
    if (element.ariaBusy === "true") return;
    element.ariaBusy = "true";
    try {
      await action(element);
    } catch (error) {
      toast(error.message, "bad");
    } finally {
      element.ariaBusy = "false";
    }
  });
  return element;
}

/** A button that copies a text, or the text a function gives when pressed. */
export function copyButton(text, label = "Copy") {
  return button(label, async (element) => {
    await copy(typeof text === "function" ? await text() : text);
    element.textContent = "Copied";
    setTimeout(() => (element.textContent = label), 1200);
  }, { class: "quiet" });
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain http on another host than localhost has no clipboard; the old way still works there.
  const area = h("textarea", { value: text, class: "offscreen" });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** A short message at the foot of the page, read out by screen readers. */
export function toast(text, kind = "good") {
  const place = document.getElementById("toasts");
  const message = h(`p.toast.${kind}`, text);
  place.append(message);
  setTimeout(() => message.remove(), kind === "bad" ? 8000 : 4000);
}

/** A text to copy, under its label. */
export function code(text, label = "") {
  return h("div", h("div.code-label", h("h3", label), copyButton(text)), h("pre", { tabindex: "0" }, text));
}

/** Definition list of [term, value] pairs; pairs without a value are left out. */
export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  return h("dl.facts", shown.map(([term, value]) => [h("dt", term), h("dd", value)]));
}

export function details(summary, body, open = false) {
  return h("details", { open }, h("summary", summary), body);
}
