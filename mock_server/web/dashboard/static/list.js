// One dense list for everything that happened, with one item next to it. Rows are drawn only where they can be seen.
import { href, replace } from "./route.js";
import { Button, html, Select, useEffect, useMemo, useRef, useState } from "./ui.js";
import { plural } from "./text.js";

const PAGE = 200;
/** Of a list that is known already: what came since is mostly fewer. */
const FRESH = 60;
const SPARE = 12;

/**
 * kind: {name (of the control API's list), title, noun, columns [[class, heading]], cells(item, app), same(item) (equal of
 * what may be folded), quick [[label, query]], filters(app) [{name, label, options?}], actions, Empty, Detail}.
 */
export function List({ app, route, kind }) {
  const filter = Object.fromEntries(Object.entries(route.query).filter(([name]) => name !== "of"));
  const list = useItems(app, kind.name, filter);
  const [open, setOpen] = useState(() => new Set());
  const rows = useMemo(() => folded(list.items, kind, open), [list.items, open]);
  const shown = rows.findIndex((row) => identity(app, row.item) === identity(app, { id: route.id, account: route.query.of }));
  const turn = (query) => replace(href({ ...route, query: { ...route.query, ...query } }));
  const address = (item) => href({ view: route.view, id: item.id, query: { ...filter, of: app.all ? item.account : "" } });
  const unfold = (id) => setOpen((known) => new Set(known.has(id) ? [...known].filter((one) => one !== id) : [...known, id]));
  const close = () => (location.hash = href({ view: route.view, query: filter }));
  const narrowed = Object.values(filter).some(Boolean);
  const empty = list.loaded && !rows.length;
  return html`<div class=${`view ${route.id ? "open" : ""}`}>
    <div class="head">
      <h1>${kind.title}</h1>
      <${Search} value=${filter.q ?? ""} noun=${kind.title.toLowerCase()} onSearch=${(q) => turn({ q })} />
      <${Filters} app=${app} kind=${kind} filter=${filter} turn=${turn} />
      ${kind.actions ? html`<div class="row actions">${kind.actions(app)}</div>` : null}
    </div>
    <div class="split">
      <section class=${`master panel ${kind.name} ${app.all ? "" : "one"} ${rows.some((row) => row.count > 1) ? "folds" : ""}`} aria-label=${`${kind.title}, newest first`}>
        ${empty
          ? html`<div class="scroll">${narrowed ? html`<${Nothing} kind=${kind} clear=${() => replace(href({ view: route.view }))} />` : html`<${kind.Empty} app=${app} />`}</div>`
          : html`<${Rows} app=${app} kind=${kind} rows=${rows} shown=${shown} address=${address} list=${list} unfold=${unfold} close=${close} isOpen=${Boolean(route.id)} />`}
        <p class="foot" role="status">${list.loaded && !empty ? `${list.items.length < list.total ? `The newest ${list.items.length} of ` : ""}${plural(list.total, kind.noun)}` : ""}</p>
      </section>
      ${route.id
        ? html`<article class="detail panel" aria-label=${kind.noun} key=${route.id}>
            <a class="close" href=${href({ view: route.view, query: filter })} title="Close (Esc)">← ${kind.title}</a>
            <${kind.Detail} app=${app} id=${route.id} account=${route.query.of || app.account} />
          </article>`
        : null}
    </div>
  </div>`;
}

const identity = (app, item) => (app.all ? `${item.account}~${item.id}` : item.id);

function Nothing({ kind, clear }) {
  return html`<div class="empty"><h2>Nothing matches</h2><p>No ${kind.noun} matches this search and these filters.</p><${Button} onPress=${clear}>Show all<//></div>`;
}

function Search({ value, noun, onSearch }) {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  useEffect(() => setText(value), [value]);
  const type = (event) => {
    setText(event.target.value);
    clearTimeout(timer.current);
    timer.current = setTimeout(onSearch, 200, event.target.value.trim());
  };
  return html`<input type="search" data-search value=${text} onInput=${type} placeholder="Search" aria-label=${`Search ${noun}`} title="Press / to search" />`;
}

function Filters({ app, kind, filter, turn }) {
  const fields = kind.filters(app);
  const quick = kind.quick ?? [];
  const names = Object.keys(Object.assign({}, ...quick.map(([, query]) => query)));
  const isOn = (query) => names.every((name) => (filter[name] ?? "") === (query[name] ?? ""));
  const active = fields.filter(({ name }) => filter[name]);
  return html`<div class="row filters">
    ${quick.length
      ? html`<div class="chips" role="group" aria-label="Which">
          ${quick.map(([label, query]) => html`<button type="button" aria-pressed=${isOn(query)} onClick=${() => turn({ ...Object.fromEntries(names.map((name) => [name, ""])), ...query })}>${label}</button>`)}
        </div>`
      : null}
    <details class="menu">
      <summary class="button">Filter${active.length ? ` (${active.length})` : ""}</summary>
      <div class="items fields">
        ${fields.map(({ name, label, options }) =>
          html`<label class="field"><span>${label}</span>${options
            ? html`<${Select} label=${label} value=${filter[name] ?? ""} options=${[["", "Any"], ...options]} onChange=${(value) => turn({ [name]: value })} />`
            : html`<input aria-label=${label} value=${filter[name] ?? ""} onChange=${(event) => turn({ [name]: event.target.value.trim() })} />`}</label>`)}
      </div>
    </details>
    ${active.map(({ name, label }) => html`<button type="button" class="active" onClick=${() => turn({ [name]: "" })} aria-label=${`Remove the filter ${label}: ${filter[name]}`}>${label}: ${filter[name]} <span aria-hidden="true">×</span></button>`)}
  </div>`;
}

/** The items of a list, newest first: updated at the top, and longer when more() is called. */
function useItems(app, name, filter) {
  const asked = JSON.stringify([app.account, name, filter]);
  const [state, setState] = useState({ asked: "", items: [], total: 0, next: null });
  const now = useRef(state);
  now.current = state;
  const key = (item) => `${item.account}~${item.id}`;
  const busy = useRef(false);
  useEffect(() => {
    let stale = false;
    app.api.get(name, { ...filter, limit: now.current.asked === asked ? FRESH : PAGE, brief: 1 }).then((page) => {
      if (stale) return;
      const known = now.current.asked === asked ? now.current.items : [];
      const fresh = new Set(page[name].map(key));
      const older = known.filter((item) => !fresh.has(key(item)));
      const meets = older.length < known.length && known.length <= page.total;
      const items = meets ? [...page[name], ...older] : page[name];
      setState({ asked, items, total: page.total, next: meets && older.length ? now.current.next : page.next });
    }, app.failed);
    return () => (stale = true);
  }, [asked, app.versions[name]]);
  const more = async () => {
    if (busy.current || !state.next) return;
    busy.current = true;
    try {
      const page = await app.api.follow(state.next, { limit: PAGE });
      const known = new Set(now.current.items.map(key));
      if (now.current.asked === asked) setState({ ...now.current, items: [...now.current.items, ...page[name].filter((item) => !known.has(key(item)))], next: page.next });
    } catch (error) {
      app.failed(error);
    } finally {
      busy.current = false;
    }
  };
  const loaded = state.asked === asked;
  return { items: loaded ? state.items : [], total: loaded ? state.total : 0, next: loaded ? state.next : null, loaded, more };
}

/** Neighbours that are the same become one row, {item, count}; those of an opened row follow it. */
function folded(items, { same }, open) {
  const rows = [];
  let head = null;
  for (const item of items) {
    const print = same(item);
    if (head && head.print === print) {
      head.count += 1;
      head.group = item.id; // the oldest: it stays while newer ones come
      head.rest.push({ item, count: 1, part: true });
    } else {
      head = { item, print, count: 1, group: item.id, rest: [] };
      rows.push(head);
    }
  }
  return rows.flatMap((row) => ((row.opened = row.count > 1 && open.has(row.group)) ? [row, ...row.rest] : [row]));
}

function Rows({ app, kind, rows, shown, address, list, unfold, close, isOpen }) {
  const box = useRef(null);
  const [view, setView] = useState({ top: 0, height: 900, row: 28 });
  const [at, setAt] = useState(-1);
  const focus = useRef(false);
  const active = at >= 0 && at < rows.length ? at : Math.max(shown, 0);
  const measure = () => {
    const element = box.current;
    if (element) setView({ top: element.scrollTop, height: element.clientHeight, row: parseFloat(getComputedStyle(element).getPropertyValue("--row")) || 28 });
  };
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const go = (to) => {
    const next = Math.min(Math.max(to, 0), rows.length - 1);
    const element = box.current;
    if (next < 0 || !element) return;
    const top = next * view.row;
    if (top < element.scrollTop) element.scrollTop = top;
    if (top + view.row > element.scrollTop + element.clientHeight) element.scrollTop = top + view.row - element.clientHeight;
    setAt(next);
    focus.current = true;
    if (isOpen) replace(address(rows[next].item));
  };
  app.keys.current = { next: () => go(at < 0 && shown < 0 ? 0 : active + 1), previous: () => go(active - 1), enter: () => rows[active] && (location.hash = address(rows[active].item)), escape: isOpen ? close : null };
  useEffect(() => () => (app.keys.current = null), []);
  useEffect(() => {
    const [element, top] = [box.current, shown * view.row];
    if (shown >= 0 && (top < element.scrollTop || top + view.row > element.scrollTop + element.clientHeight)) element.scrollTop = top - element.clientHeight / 2;
  }, [shown >= 0]);
  useEffect(() => {
    if (!focus.current) return;
    focus.current = false;
    box.current.querySelector("a[tabindex='0']")?.focus({ preventScroll: true });
  });
  const first = Math.max(0, Math.floor(view.top / view.row) - SPARE);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / view.row) + SPARE);
  useEffect(() => {
    if (last >= rows.length - SPARE) list.more();
  }, [last, rows.length, list.next]);
  return html`<div class="columns" aria-hidden="true">${kind.columns.map(([name, heading]) => html`<span class=${name}>${heading}</span>`)}</div>
    <div class="scroll" ref=${box} onScroll=${measure}>
      <ul class="list" style=${{ paddingTop: `${first * view.row}px`, paddingBottom: `${(rows.length - last) * view.row}px` }}>
        ${rows.slice(first, last).map((row, index) => html`<${Row} key=${identity(app, row.item)} app=${app} kind=${kind} row=${row} href=${address(row.item)} current=${first + index === shown} active=${first + index === active} place=${first + index + 1} size=${list.total} unfold=${unfold} onTurn=${() => setAt(first + index)} />`)}
      </ul>
    </div>`;
}

function Row({ app, kind, row, href, current, active, place, size, unfold, onTurn }) {
  let cells;
  try {
    cells = kind.cells(row.item, app);
  } catch (error) {
    console.error(error);
    cells = kind.columns.map((_, index) => (index ? "" : `${row.item.id} cannot be shown here; the control API has it.`));
  }
  return html`<li class=${row.part ? "part" : ""} aria-setsize=${size} aria-posinset=${place}>
    <a href=${href} tabindex=${active ? 0 : -1} aria-current=${current ? "true" : null} onClick=${onTurn} title=${row.item.unshowable || null}>
      ${kind.columns.map(([name], index) => html`<span class=${name}>${cells[index]}</span>`)}
    </a>
    ${row.count > 1 ? html`<button type="button" class="times" tabindex=${active ? 0 : -1} aria-expanded=${row.opened} onClick=${() => unfold(row.group)} aria-label=${`${row.count} times the same, one after the other`}>×${row.count}</button>` : null}
  </li>`;
}
