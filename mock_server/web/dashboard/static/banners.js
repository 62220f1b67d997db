// What is unusual, on every page, with the way back.
import { Button, html } from "./ui.js";

export function Banners({ app }) {
  const notices = [...app.notices];
  if (app.live === "lost") notices.unshift({ kind: "lost", title: "The server cannot be reached.", text: "What you see is what was true before; this page asks again every two seconds." });
  if (app.trouble) notices.unshift({ kind: "trouble", title: "The server has trouble.", text: app.trouble });
  return html`<div class="banners" role="status">${notices.map((notice) => html`<${Banner} key=${notice.kind} app=${app} notice=${notice} />`)}</div>`;
}

function Banner({ app, notice }) {
  const undo = async () => {
    await app.api.call(notice.undo.method, notice.undo.path, { query: { account: notice.account } });
    app.refresh();
  };
  return html`<div class=${`banner ${notice.kind}`}>
    <p><strong>${notice.title}</strong> ${notice.text}</p>
    ${notice.details?.length ? html`<pre tabindex="0">${notice.details.join("\n")}</pre>` : null}
    ${notice.undo ? html`<${Button} onPress=${undo}>${notice.undo.label}<//>` : null}
  </div>`;
}
