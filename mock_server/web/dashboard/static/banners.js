// What is unusual, on every page, with the way back.
import { Button, html } from "./ui.js";

const MOST = 6;

export function Banners({ app }) {
  const notices = [...app.notices];
  if (app.live === "lost") notices.unshift({ kind: "lost", title: "The server cannot be reached.", text: "What you see is what was true before; this page asks again every two seconds." });
  if (app.trouble) notices.unshift({ kind: "trouble", title: "The server has trouble.", text: app.trouble });
  const more = notices.length - MOST;
  return html`<div class="banners" role="status">
    ${notices.slice(0, MOST).map((notice) => html`<${Banner} key=${`${notice.kind} ${notice.account} ${notice.title}`} app=${app} notice=${notice} />`)}
    ${more > 0 ? html`<p class="note">${more} more of other accounts: choose the account to see them.</p>` : null}
  </div>`;
}

function Banner({ app, notice }) {
  const undo = async () => {
    await app.api.call(notice.undo.method, notice.undo.path, { query: { account: notice.account }, body: notice.undo.body });
    app.refresh();
  };
  return html`<div class=${`banner ${notice.kind}`}>
    <p><strong>${notice.title}</strong> ${notice.text}</p>
    ${notice.details?.length ? html`<pre tabindex="0">${notice.details.join("\n")}</pre>` : null}
    ${notice.undo ? html`<${Button} onPress=${undo}>${notice.undo.label}<//>` : null}
  </div>`;
}
