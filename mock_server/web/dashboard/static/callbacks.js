// Outgoing callbacks: what left, what came back, and what was done to it on purpose.
import { SendEvent } from "./events.js";
import { Button, Content, Dotted, Facts, Fate, Fold, html, Menu, Named, Raw, toast, Unshowable, useEffect, useState } from "./ui.js";
import { clockTime, dayTime, duration, plural, seconds, shortTime } from "./text.js";
import { choices, vendor, vendors } from "./words.js";

const STATES = ["pending", "delivered", "failed", "dropped", "cancelled", "not sent"];

export const callbacks = {
  name: "callbacks",
  title: "Callbacks",
  noun: "callback",
  columns: [["time", "Time"], ["account", "Account"], ["what", "To"], ["reference", "Reference"], ["status", "Status"], ["outcome", "Event"], ["took", "Took"], ["scenario", "State"]],
  cells: (delivery, app) => [
    html`<time title=${dayTime(delivery.created)}>${shortTime(delivery.created, app.time())}</time>`,
    delivery.account,
    html`<span class="path">${delivery.url || "no address"}</span>`,
    delivery.reference,
    delivery.status || "",
    html`<${Fate} fate=${delivery.fate}><${Dotted} word=${delivery.event} /><//>`,
    delivery.tries ? duration(delivery.took) : "",
    html`<span class=${mark(delivery.state)}>${standing(delivery)}${delivery.done ? ` · ${delivery.done}` : ""}</span>`,
  ],
  same: (delivery) => [delivery.account, delivery.url, delivery.event, delivery.reference, delivery.state, delivery.status, delivery.error].join("\n"),
  quick: [["All", {}], ["Failed", { outcome: "failed" }], ["Pending", { outcome: "pending" }], ["Not sent", { outcome: "not sent" }]],
  filters: (app) => [
    { name: "provider", label: "Vendor", options: vendors(app) },
    { name: "event", label: "Event", options: choices(app, "", ({ events }) => Object.keys(events).filter((name) => events[name].callback)) },
    { name: "outcome", label: "State", options: STATES.map((state) => [state, state]) },
    { name: "scenario", label: "Scenario" },
    { name: "reference", label: "Reference" },
  ],
  actions: (app) => (app.all ? null : html`<${SendAll} app=${app} /><${SendEvent} app=${app} />`),
  Empty: ({ app }) => html`<div class="empty"><h2>No callbacks</h2><p>They appear when a request names an address for its callbacks, when a scenario lists <code>callbacks</code>, when you decide a verification or send an event.</p></div>`,
  Detail: Callback,
};

function SendAll({ app }) {
  const flush = async () => {
    const { callbacks: sent } = await app.api.post("callbacks/flush");
    toast(sent.length ? `${plural(sent.length, "callback")} sent.` : "Nothing was waiting.");
    app.refresh();
  };
  return html`<${Button} onPress=${flush}>Send waiting ones now<//>`;
}

const mark = (state) => ({ failed: "fault", "not sent": "fault", pending: "waits", dropped: "note", cancelled: "note" })[state] ?? "";

function standing({ state, tries }) {
  if (state === "pending") return tries ? "retrying" : "waiting";
  return tries > 1 ? `${state} ×${tries}` : state;
}

/** One line that leads to a delivery. */
export function DeliveryLine({ app, delivery }) {
  const of = app.all ? `?of=${encodeURIComponent(delivery.account)}` : "";
  return html`<p class="row"><a href=${`#/callbacks/${delivery.id}${of}`}>${delivery.event}</a><span class=${mark(delivery.state)}>${standing({ ...delivery, tries: delivery.attempts.length })}</span></p>`;
}

/** Every attempt as a line of time, equal ones folded, and when the next one leaves. */
export function Attempts({ app, delivery }) {
  const runs = [];
  for (const attempt of delivery.attempts) {
    const print = [attempt.error, attempt.status, attempt.done].join("\n");
    if (runs.at(-1)?.print === print) runs.at(-1).attempts.push(attempt);
    else runs.push({ print, attempts: [attempt] });
  }
  const waits = delivery.state === "pending";
  if (!runs.length && !waits) return null;
  return html`<ol class="attempts">
    ${runs.map(({ attempts }) => (attempts.length > 2 ? html`<li class=${attempts[0].error ? "bad" : "good"}><${Fold} title=${`${attempts.length} × ${said(attempts[0])}, ${clockTime(attempts[0].at)} to ${clockTime(attempts.at(-1).at)}`}><ol class="attempts">${attempts.map((one) => html`<${Attempt} attempt=${one} />`)}</ol><//></li>` : attempts.map((one) => html`<${Attempt} attempt=${one} />`)))}
    ${waits ? html`<li class="wait"><div class="row"><span>${due(app, delivery)}</span><${Jump} app=${app} delivery=${delivery} /></div></li>` : null}
  </ol>`;
}

const said = (attempt) => attempt.error || `answered ${attempt.status}`;

function Attempt({ attempt }) {
  return html`<li class=${attempt.error ? "bad" : "good"}>
    <div class="row"><strong>${said(attempt)}</strong>${attempt.done ? html`<${Fate} fate="error">${attempt.done}<//>` : null}<span class="note">${clockTime(attempt.at)} · took ${duration(attempt.took)}</span></div>
    ${attempt.sent ? html`<${Fold} title="What was really sent"><${Named} values=${attempt.sent.headers} /><${Content} message=${attempt.sent} /><//>` : null}
    ${attempt.status ? html`<${Fold} title="The receiver's answer"><${Named} values=${attempt.response.headers} /><${Content} message=${attempt.response} /><//>` : null}
  </li>`;
}

const left = (app, delivery) => seconds(delivery.due) - app.time();

function due(app, delivery) {
  if (delivery.held) return "Waits for its HTTP answer to leave.";
  return left(app, delivery) > 0 ? `Leaves in ${duration(left(app, delivery))}, at ${clockTime(delivery.due)}` : "Leaves now.";
}

function Jump({ app, delivery }) {
  if (app.all || delivery.held || left(app, delivery) <= 1) return null;
  const jump = async () => {
    await app.api.post("clock/advance", { by: Math.ceil(left(app, delivery)) });
    app.refresh();
  };
  return html`<${Button} onPress=${jump}>Move the clock on by ${duration(left(app, delivery))}<//>`;
}

function Callback({ app, id, account }) {
  const [delivery, setDelivery] = useState(null);
  const [gone, setGone] = useState(false);
  useEffect(() => void app.api.get(`callbacks/${id}`, { account }).then(setDelivery, (error) => (error.status === 404 ? setGone(true) : app.failed(error))), [id, app.version]);
  if (gone) return html`<div class="empty"><h2>This callback is gone</h2><p>The account was reset.</p></div>`;
  if (!delivery) return null;
  const resend = async () => {
    await app.api.post(`callbacks/${id}/resend`, undefined, { account });
    toast("Sent again.");
    app.refresh();
  };
  const cancel = async () => {
    await app.api.delete(`callbacks/${id}`, { account });
    app.refresh();
  };
  const of = app.all ? `?of=${encodeURIComponent(account)}` : "";
  return html`
    <header>
      <h2 class="title"><${Fate} fate=${delivery.fate}>${delivery.event}<//></h2>
      <span class=${`state ${mark(delivery.state)}`}>${standing({ ...delivery, tries: delivery.attempts.length })}</span>
      <p class="note">${vendor(app, delivery.provider)} · ${delivery.reference || "no reference"} · account ${delivery.account} · ${delivery.id}</p>
      <div class="row">
        ${delivery.request.url ? html`<${Button} class="main" onPress=${resend}>Send again<//>` : null}
        ${delivery.state === "pending" ? html`<${Button} onPress=${cancel} confirm="Cancel this callback? It is not sent then.">Cancel it<//>` : null}
      </div>
    </header>
    <${Unshowable} item=${delivery} />
    ${delivery.no_address ? html`<section><div class="why"><p>${delivery.no_address}</p></div></section>` : null}
    <section><h3>Attempts</h3><${Attempts} app=${app} delivery=${delivery} />${delivery.attempts.length || delivery.state === "pending" ? null : html`<p class="note">None.</p>`}</section>
    <section>
      <h3>How it came about</h3>
      <${Facts} pairs=${[
        ["to", html`<code>${delivery.request.method} ${delivery.request.url}</code>`],
        ["caused by", delivery.request_id ? html`<a href=${`#/requests/${delivery.request_id}${of}`}>${delivery.request_id}</a>` : "by hand, or a timer"],
        ["scenario", delivery.scenario],
        ["to be done to it", delivery.deliver.length ? html`<code>${JSON.stringify(delivery.deliver)}</code>` : ""],
        ["waits between attempts", delivery.waits.map(duration).join(", ")],
      ]} />
    </section>
    <section><h3>The message</h3><${Content} message=${delivery.request} /><${Fold} title="Bytes as sent"><${Raw} message=${delivery.request} /><//><${Fold} title="Headers"><${Named} values=${delivery.request.headers} /><//></section>`;
}
