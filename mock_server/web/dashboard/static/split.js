// A list with one of its items beside it. Which one is shown follows the address of the page.
import { fill, h, keyed } from "./dom.js";

export class Split {
  /** labels: of the list and of the detail, for screen readers. */
  constructor(listLabel, detailLabel) {
    this.list = h("ul.list.panel", { "aria-label": listLabel });
    this.empty = h("div");
    this.foot = h("p.note.small");
    this.detail = h("article.detail.panel", { hidden: true, "aria-label": detailLabel });
    this.root = h("div.split", h("div.master", this.empty, this.list, this.foot), this.detail);
    this.shown = "";
    this.list.addEventListener("keydown", (event) => step(event, this.list));
  }

  /** The items as rows, each with its id; without any, what is said instead. */
  fill(items, row, instead) {
    this.list.hidden = items.length === 0;
    fill(this.empty, items.length ? null : instead);
    keyed(this.list, items, (item) => item.id, row);
    this.mark();
  }

  /** Make room for the item with this id beside the list; for none where it is empty. */
  show(id) {
    this.shown = id;
    this.detail.hidden = !id;
    this.root.classList.toggle("open", Boolean(id));
    this.mark();
  }

  mark() {
    for (const item of this.list.children) {
      const link = item.firstElementChild;
      if (item.dataset.key === this.shown) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
}

/** Arrow keys move along a list of links. */
function step(event, list) {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = [...list.querySelectorAll("li > a")];
  const target = links[links.indexOf(document.activeElement) + (way ?? NaN)];
  if (!target) return;
  event.preventDefault();
  target.focus();
}
