// The frame: which account, which view, and what is told to whoever looks.
import { Api, Live } from "./api.js";
import { fill, h, toast } from "./dom.js";
import { dayTime, seconds } from "./text.js";
import { clock } from "./clock.js";
import { coverage } from "./coverage.js";
import { deliveries } from "./deliveries.js";
import { guide } from "./guide.js";
import { requests } from "./requests.js";
import { scenarios } from "./scenarios.js";
import { verifications } from "./verifications.js";

const VIEWS = { requests, deliveries, verifications, scenarios, clock, coverage, guide };
const TITLES = {
  requests: "Requests",
  deliveries: "Callbacks",
  verifications: "Verifications",
  scenarios: "Scenarios",
  clock: "Clock",
  coverage: "Coverage",
  guide: "First steps",
};
const REFRESH_AT_MOST_EVERY = 250;

const place = (id) => document.getElementById(id);
const account = () => new URLSearchParams(location.search).get("account") || "default";

/** What a view is given: the control API for the account, and the frame's means. */
const frame = {
  api: new Api(account()),
  account: account(),
  counts: {},
  clock: null,
  ready: null,
  go: (path) => (location.hash = `#/${path}`),
  refresh,
  vocabulary,
};

let words = null;
let current = null;
let running = false;
let again = false;
let rest = 0;

/** The vendors' words: they do not change while the server runs, so they are asked for once. */
async function vocabulary() {
  words ??= await frame.api.get("vocabulary");
  return words;
}

function route() {
  const [name = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  return { name: VIEWS[name] ? name : "requests", id: decodeURIComponent(rest.join("/")) };
}

function navigate() {
  const { name, id } = route();
  if (current?.name !== name) {
    const root = fill(place("main")).appendChild(h("div.view"));
    current = { name, view: VIEWS[name](frame, root) };
    place("main").scrollIntoView({ block: "start" });
  }
  current.view.show?.(id);
  markTab(name);
  document.title = `${TITLES[name]} · KYC mock server`;
  refresh();
}

/** Show what is true now. Calls that come while one runs are answered by one more run. */
async function refresh() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  try {
    do {
      again = false;
      if (rest > performance.now()) await new Promise((resolve) => setTimeout(resolve, rest - performance.now()));
      const started = performance.now();
      await refreshFrame(); // first, since views show what it finds
      await current.view.refresh();
      // Looking costs the server something too: under load it is left alone three times as long as a look took.
      rest = started + Math.max(REFRESH_AT_MOST_EVERY, 4 * (performance.now() - started));
    } while (again);
  } catch (error) {
    refused(error);
  } finally {
    running = false;
  }
}

async function refreshFrame() {
  const [state, ready, accounts, ...lists] = await Promise.all([
    frame.api.get("clock"),
    frame.api.get("ready"),
    frame.api.get("accounts"),
    frame.api.get("requests", { limit: 1 }),
    frame.api.get("callbacks", { limit: 1 }),
    frame.api.get("verifications", { limit: 1 }),
  ]);
  frame.clock = { ...state, read: Date.now() / 1000 };
  frame.ready = ready;
  ["requests", "deliveries", "verifications"].forEach((name, index) => (frame.counts[name] = lists[index].total));
  showTabs();
  showAccounts(accounts.accounts);
  tick();
}

function showTabs() {
  const tabs = place("tabs");
  if (!tabs.children.length) {
    tabs.append(...Object.entries(TITLES).map(([name, title]) => h("a", { href: `#/${name}`, "data-view": name }, h("span", title), h("span.count"))));
    markTab(route().name);
  }
  const broken = frame.ready?.problems.length > 0;
  for (const link of tabs.children) {
    const count = link.lastElementChild;
    const alert = link.dataset.view === "scenarios" && broken;
    count.classList.toggle("alert", Boolean(alert));
    count.textContent = alert ? "broken" : frame.counts[link.dataset.view] ?? "";
    count.title = alert ? "A scenario file is broken" : "";
  }
}

function markTab(name) {
  for (const link of place("tabs").children) {
    if (link.dataset.view !== name) link.removeAttribute("aria-current");
    else {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest", inline: "center" });
    }
  }
}

function showAccounts(known) {
  const select = place("account");
  const names = [...new Set(["default", ...known.map((entry) => entry.name ?? entry), frame.account])];
  if (select.options.length === names.length && names.every((name, index) => select.options[index].value === name)) return;
  fill(select, names.map((name) => h("option", { value: name }, name)));
  select.value = frame.account;
}

/** The account's time, moved on between refreshes. */
function accountTime() {
  const state = frame.clock;
  if (!state) return null;
  const now = seconds(state.now);
  return state.frozen ? now : now + Date.now() / 1000 - state.read;
}

function tick() {
  const state = frame.clock;
  if (!state) return;
  const kind = state.frozen ? "frozen" : state.offset ? "offset" : "real";
  const chip = place("clock");
  chip.className = `chip ${kind}`;
  fill(chip, { frozen: "❄ ", offset: "⏩ ", real: "" }[kind], dayTime(accountTime()), kind === "real" ? "" : ` (${kind === "frozen" ? "frozen" : "moved"})`);
  current?.view.tick?.(accountTime());
}

function refused(error) {
  if (error.status === 0) return showLive("lost");
  toast(error.message, "bad");
}

function showLive(state) {
  const chip = place("live");
  chip.dataset.state = state;
  chip.textContent = { live: "live", polling: "asking every 2 s", lost: "server not reachable" }[state];
}

place("account").addEventListener("change", (event) => {
  const query = new URLSearchParams(location.search);
  query.set("account", event.target.value);
  location.search = query;
});
place("skip").addEventListener("click", () => place("main").focus());
addEventListener("hashchange", navigate);
setInterval(tick, 500);

frame.time = accountTime;
navigate();
new Live(frame.api, { happened: refresh, state: showLive });
