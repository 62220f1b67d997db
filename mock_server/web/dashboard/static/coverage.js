// What this run has exercised of what the vendors can do.
import { html, useEffect, useState } from "./ui.js";
import { vendor } from "./words.js";

const TITLES = { operation: "Operations", outcome: "Outcomes", error: "Errors", status: "HTTP statuses", event: "Callback events", decline: "Decline codes", "request-type": "Request types", directive: "Deliver words" };
const FEW = 24;

export function Coverage({ app }) {
  const [answer, setAnswer] = useState({ coverage: [], groups: [] });
  useEffect(() => void app.api.get("coverage").then(setAnswer, app.failed), [app.version]);
  return html`<div class="view page">
    <div class="head"><h1>Coverage</h1></div>
    <p class="lead">What this account's requests have exercised since its last reset. A handler for something that never happened here has never been tested.</p>
    <div class="cards">${answer.groups.map((group) => html`<${Card} key=${`${group.provider} ${group.group}`} app=${app} group=${group} words=${answer.coverage.filter((word) => word.provider === group.provider && word.group === group.group)} />`)}</div>
  </div>`;
}

function Card({ app, group, words }) {
  const list = html`<ul class="bits">${words.map((word) => html`<li class=${word.count ? "done" : ""} title=${word.description}>${word.word}${word.count > 1 ? ` ×${word.count}` : ""}</li>`)}</ul>`;
  return html`<section class="panel pad">
    <h2>${TITLES[group.group] ?? group.group} of ${vendor(app, group.provider)} <span class="note">${group.met} of ${group.total}</span></h2>
    <span class="meter" role="img" aria-label=${`${group.percent} %`}><span style=${{ width: `${group.percent}%` }}></span></span>
    ${group.total <= FEW ? list : html`<details><summary>Which</summary>${list}</details>`}
  </section>`;
}
