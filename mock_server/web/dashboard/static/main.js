// The frame: which account, which view, what is unusual, and messages to the user.
import { ALL, Api, Live } from "./api.js";
import { Banners } from "./banners.js";
import { callbacks } from "./callbacks.js";
import { Clock } from "./clock.js";
import { Coverage } from "./coverage.js";
import { Doctor } from "./doctor.js";
import { Guide } from "./guide.js";
import { List } from "./list.js";
import { requests } from "./requests.js";
import { parse } from "./route.js";
import { Scenarios } from "./scenarios.js";
import { dayTime, seconds } from "./text.js";
import { Dialog, html, render, toast, useEffect, useRef, useState } from "./ui.js";
import { verifications } from "./verifications.js";

const list = (kind) => (props) => html`<${List} key=${kind.name} kind=${kind} ...${props} />`;
const VIEWS = {
  requests: ["Requests", list(requests)],
  callbacks: ["Callbacks", list(callbacks)],
  verifications: ["Verifications", list(verifications)],
  scenarios: ["Scenarios", Scenarios],
  clock: ["Clock", Clock],
  coverage: ["Coverage", Coverage],
  doctor: ["Doctor", Doctor],
  guide: ["First steps", Guide],
};
const SHORTCUTS = [["/", "Search"], ["j", "Next"], ["k", "Previous"], ["Enter", "Open"], ["Esc", "Close"], ["Ctrl Enter", "Save what is written"], ["?", "This list"]];
const REFRESH_AT_MOST_EVERY = 1000;
/** While something happens all the time, each rest is twice as long as the one before, up to this. */
const REFRESH_AT_LEAST_EVERY = 4000;
const ACCOUNTS_AT_MOST_EVERY = 5000;
/** What of the event stream cannot have changed a list; any other kind can. */
const FOREIGN = { requests: ["callback"], callbacks: ["request"], verifications: [] };
const ANYTHING = "anything";

const account = new URLSearchParams(location.search).get("account") || "default";
const api = new Api(account);

const current = () => {
  const route = parse(location.hash);
  return VIEWS[route.view] ? route : { ...route, view: "requests", id: "" };
};

function App() {
  const [route, setRoute] = useState(current);
  const [state, setState] = useState({ version: 0, versions: {}, providers: null, accounts: [], counts: {}, notices: [], clock: null });
  const [live, setLive] = useState("connecting");
  const [trouble, setTrouble] = useState("");
  const [help, setHelp] = useState(false);
  const keys = useRef(null);
  const refresher = useRef(null);
  const known = useRef({ accounts: [], until: 0 });

  const failed = (error) => {
    if (error.status === 0) setLive("lost");
    else if (error.status >= 500) setTrouble(error.message);
    else toast(error.message, "bad");
  };
  const look = async (kinds) => {
    const providers = state.providers ?? (await api.get("providers")).providers;
    if (known.current.until < performance.now()) known.current = { ...(await api.get("accounts")), until: performance.now() + ACCOUNTS_AT_MOST_EVERY };
    const { accounts } = known.current;
    const { notices, clock, counts } = await api.get("notices");
    setTrouble("");
    setLive((before) => (before === "lost" ? "live" : before));
    setState((before) => ({
      version: before.version + 1, versions: newer(before.versions, kinds), providers: before.providers ?? providers, accounts, notices, counts,
      clock: clock ? { ...clock, read: Date.now() / 1000 } : before.clock,
    }));
  };
  refresher.current ??= new Refresher(failed);
  refresher.current.look = look;
  const refresh = (kinds = [ANYTHING]) => refresher.current.run(kinds);

  useEffect(() => {
    const turn = () => setRoute(current());
    addEventListener("hashchange", turn);
    document.addEventListener("keydown", (event) => shortcut(event, keys, () => setHelp(true)));
    new Live(api, { happened: refresh, state: setLive });
    refresh();
  }, []);
  useEffect(() => {
    document.title = `${VIEWS[route.view][0]} · KYC mock server`;
  }, [route.view]);

  const app = {
    api, account, all: account === ALL, own: account === ALL ? "default" : account, keys, live, trouble, failed, refresh, ...state,
    providers: state.providers ?? [],
    time: () => accountTime(state.clock, live),
    reload: async () => {
      const { providers } = await api.get("providers");
      setState((before) => ({ ...before, providers }));
      await refresh();
    },
  };
  const View = VIEWS[route.view][1];
  return html`
    <button class="skip" type="button" onClick=${() => (document.querySelector(".list a[tabindex='0']") ?? document.getElementById("main")).focus()}>Skip to content</button>
    <header class="bar">
      <a class="brand" href="#/requests" aria-label="KYC mock server"><img src="static/mark.svg" alt="" width="24" height="24" /><span>KYC mock server</span></a>
      <${Accounts} app=${app} />
      <${ClockChip} app=${app} />
      <span class="chip" id="live" role="status" data-state=${live}>${{ live: "live", polling: "asking every 2 s", lost: "server not reachable", connecting: "connecting" }[live]}</span>
      <button type="button" class="quiet" onClick=${() => setHelp(true)} aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)">?</button>
    </header>
    <nav class="tabs" id="tabs" aria-label="Views">
      ${Object.entries(VIEWS).map(([name, [title]]) => html`<a href=${`#/${name}`} data-view=${name} aria-current=${name === route.view ? "page" : null}><span>${title}</span><span class="count">${state.counts[name] ?? ""}</span></a>`)}
    </nav>
    <main id="main" tabindex="-1">
      <${Banners} app=${app} />
      ${state.providers ? html`<${View} app=${app} route=${route} />` : null}
    </main>
    ${help ? html`<${Dialog} label="Keyboard" onClose=${() => setHelp(false)}><dl class="facts">${SHORTCUTS.map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl><div class="row end"><button type="button" onClick=${() => setHelp(false)}>Close</button></div><//>` : null}`;
}

/** One more for each list that these kinds of change can have changed. */
const newer = (versions, kinds) => Object.fromEntries(Object.entries(FOREIGN).map(([name, foreign]) => [name, (versions[name] ?? 0) + (kinds.every((kind) => foreign.includes(kind)) ? 0 : 1)]));

/** Looks at what is true now. Kinds of change that come while it looks are answered by one more look. */
class Refresher {
  constructor(failed) {
    Object.assign(this, { failed, running: false, kinds: new Set(), rest: 0, pause: REFRESH_AT_MOST_EVERY });
  }

  async run(kinds) {
    for (const kind of kinds) this.kinds.add(kind);
    if (this.running) return;
    this.running = true;
    try {
      while (this.kinds.size) {
        const isBusy = this.rest > performance.now();
        this.pause = isBusy ? Math.min(2 * this.pause, REFRESH_AT_LEAST_EVERY) : REFRESH_AT_MOST_EVERY;
        if (isBusy) await new Promise((resolve) => setTimeout(resolve, this.rest - performance.now()));
        const started = performance.now();
        const looked = [...this.kinds];
        this.kinds.clear();
        try {
          await this.look(looked);
        } catch (error) {
          for (const kind of looked) this.kinds.add(kind);
          throw error;
        }
        // Looking costs the server something too: under load it is left alone three times as long as a look took.
        this.rest = started + Math.max(this.pause, 4 * (performance.now() - started));
      }
    } catch (error) {
      this.failed(error);
    } finally {
      this.running = false;
    }
  }
}

function Accounts({ app }) {
  const names = [...new Set(["default", ...app.accounts.map(({ name }) => name), app.own])];
  const turn = (event) => {
    const query = new URLSearchParams(location.search);
    query.set("account", event.target.value);
    location.search = query;
  };
  return html`<label class="account"><span>Account</span> <select id="account" aria-label="Account" value=${app.account} onChange=${turn}>
    <option value=${ALL} selected=${app.all}>All accounts</option>
    ${names.map((name) => html`<option value=${name} selected=${name === app.account}>${name}</option>`)}
  </select></label>`;
}

/** The account's time, moved on between looks; it stops with the server. */
function accountTime(clock, live) {
  if (!clock) return null;
  const now = seconds(clock.now);
  return clock.frozen || live === "lost" ? now : now + Date.now() / 1000 - clock.read;
}

function ClockChip({ app }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 500);
    return () => clearInterval(timer);
  }, []);
  const { frozen, offset } = app.clock ?? {};
  const kind = app.live === "lost" ? "lost" : frozen ? "frozen" : offset ? "moved" : "";
  return html`<a class=${`chip ${kind}`} id="clock" href="#/clock" title="The account's clock">${app.clock ? dayTime(app.time()) : ""}${kind && kind !== "lost" ? ` (${kind})` : ""}</a>`;
}

function shortcut(event, keys, help) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "Escape" && typing) return typing.blur();
  if (typing) return;
  const onRow = event.target.closest(".list");
  const actions = {
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": help,
    j: () => keys.current?.next(),
    k: () => keys.current?.previous(),
    ...(onRow ? { ArrowDown: () => keys.current?.next(), ArrowUp: () => keys.current?.previous() } : {}),
    ...(event.target === document.body ? { Enter: () => keys.current?.enter() } : {}),
    ...(keys.current?.escape ? { Escape: keys.current.escape } : {}),
  };
  if (!actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
}

render(html`<${App} />`, document.getElementById("app"));
