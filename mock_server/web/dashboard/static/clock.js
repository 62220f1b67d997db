// The account's own time: a year passes with one press.
import { DeliveryLine } from "./callbacks.js";
import { Button, Field, html, useState } from "./ui.js";
import { dayTime, duration, plural } from "./text.js";

const STEPS = [["1 minute", "1m"], ["15 minutes", "15m"], ["1 hour", "1h"], ["1 day", "24h"], ["30 days", "720h"]];

export function Clock({ app }) {
  const [by, setBy] = useState("2h");
  const [at, setAt] = useState("");
  const [due, setDue] = useState(null);
  const advance = async (step) => {
    setDue((await app.api.post("clock/advance", { by: step })).callbacks ?? []);
    app.refresh();
  };
  const put = async (body) => {
    await app.api.put("clock", body);
    app.refresh();
  };
  const back = async () => {
    await app.api.delete("clock");
    app.refresh();
  };
  const instant = () => {
    if (!at) throw new Error("Choose a date and time first.");
    return new Date(at).toISOString();
  };
  const { frozen, offset } = app.clock ?? {};
  const moved = Boolean(frozen || offset);
  const state = frozen ? "Frozen: it stands still until you move it." : offset ? `Running, ${offset > 0 ? "ahead of" : "behind"} real time by ${duration(offset)}.` : "Real time.";
  return html`<div class="view page">
    <div class="head"><h1>Clock${app.all ? " of the account default" : ""}</h1></div>
    <p class="lead">Each account has its own time. It decides how old a timestamp is, when a nonce, token or link expires, and when callbacks and their retries leave.</p>
    <section class="panel pad">
      <p class="bigclock" role="timer">${app.clock ? dayTime(app.time()) : ""}</p>
      <p class="note">${state}</p>
      <div class="row">
        ${frozen ? null : html`<${Button} class=${moved ? "" : "main"} onPress=${() => put({ freeze: "now" })}>Freeze<//>`}
        ${moved ? html`<${Button} class="main" onPress=${back}>Back to real time<//>` : null}
      </div>
    </section>
    <div class="cards">
      <section class="panel pad"><h2>Move on</h2>
        <div class="row">${STEPS.map(([label, step]) => html`<${Button} onPress=${() => advance(step)}>+ ${label}<//>`)}</div>
        <div class="row"><input value=${by} size="8" aria-label="Duration such as 90s, 15m, 2h or 7d" onInput=${(event) => setBy(event.target.value)} /><${Button} onPress=${() => advance(by)}>Move on<//></div>
        ${due ? html`<h3>What fell due: ${plural(due.length, "callback")}</h3>${due.length ? due.map((delivery) => html`<${DeliveryLine} app=${app} delivery=${delivery} />`) : html`<p class="note">Nothing was waiting for that time.</p>`}` : null}
      </section>
      <section class="panel pad"><h2>Set</h2>
        <p class="note">For a test that needs a certain day.</p>
        <${Field} label="Instant, in your time zone"><input type="datetime-local" step="1" value=${at} onInput=${(event) => setAt(event.target.value)} /><//>
        <div class="row"><${Button} onPress=${async () => put({ freeze: instant() })}>Freeze there<//><${Button} onPress=${async () => put({ set: instant() })}>Run from there<//></div>
      </section>
    </div>
  </div>`;
}
