// Sending an event by hand, and where callbacks go that name no address.
import { Button, Dialog, Field, html, Select, toast, useState } from "./ui.js";
import { plural } from "./text.js";
import { words } from "./words.js";

export function SendEvent({ app }) {
  const [open, setOpen] = useState("");
  return html`<${Button} onPress=${async () => setOpen("address")}>Address …<//>
    <${Button} class="main" onPress=${async () => setOpen("event")}>Send an event …<//>
    ${open === "event" ? html`<${EventForm} app=${app} close=${() => setOpen("")} />` : null}
    ${open === "address" ? html`<${AddressForm} app=${app} close=${() => setOpen("")} />` : null}`;
}

function EventForm({ app, close }) {
  const senders = app.providers.filter(({ vocabulary }) => Object.values(vocabulary.events).some(({ callback }) => callback));
  const [form, setForm] = useState({ provider: senders[0]?.name ?? "", event: "", reference: "", url: "", requestType: "" });
  const set = (change) => setForm({ ...form, ...change });
  const { events = {}, request_types: types = [] } = words(app, form.provider);
  const names = Object.keys(events).filter((name) => events[name].callback);
  const event = names.includes(form.event) ? form.event : names[0];
  const kinds = events[event]?.request_types?.length ? events[event].request_types : types;
  const send = async () => {
    const { callbacks } = await app.api.post("events", { ...form, event });
    toast(callbacks.length ? `${plural(callbacks.length, "callback")} on the way.` : "Nothing was sent.");
    close();
    app.refresh();
  };
  return html`<${Dialog} label="Send an event" onClose=${close}>
    <div class="form">
      ${senders.length > 1 ? html`<${Field} label="Vendor"><${Select} label="Vendor" value=${form.provider} options=${senders.map(({ name, title }) => [name, title])} onChange=${(provider) => set({ provider, event: "", requestType: "" })} /><//>` : null}
      <${Field} label="Event"><${Select} label="Event" value=${event} options=${names.map((name) => [name, name])} onChange=${(name) => set({ event: name, requestType: "" })} /><//>
      ${kinds.length ? html`<${Field} label="About (requestType)"><${Select} label="About (requestType)" value=${form.requestType} options=${[["", "The usual one"], ...kinds.map((kind) => [kind, kind])]} onChange=${(requestType) => set({ requestType })} /><//>` : null}
      <${Field} label="Reference"><input aria-label="Reference" value=${form.reference} onInput=${(input) => set({ reference: input.target.value })} /><//>
      <${Field} label="To another address than the usual one"><input type="url" aria-label="To another address than the usual one" placeholder="http://localhost:3000/hook" value=${form.url} onInput=${(input) => set({ url: input.target.value })} /><//>
    </div>
    <p class="note">${events[event]?.description ?? ""}</p>
    <div class="row end"><button type="button" onClick=${close}>Close</button><${Button} class="main" onPress=${send}>Send it<//></div>
  <//>`;
}

function AddressForm({ app, close }) {
  const receivers = app.providers.filter(({ callback_setting: setting }) => setting);
  const [urls, setUrls] = useState(() => Object.fromEntries(receivers.map(({ name, callback_setting: setting, account }) => [name, account[setting] ?? ""])));
  const save = async () => {
    await app.api.put(`accounts/${encodeURIComponent(app.account)}`, Object.fromEntries(receivers.map(({ name, callback_setting: setting }) => [name, { [setting]: urls[name].trim() }])));
    toast("Callbacks go there from now on.");
    close();
    await app.reload();
  };
  return html`<${Dialog} label=${`Where callbacks of ${app.account} go`} onClose=${close}>
    <div class="form">${receivers.map(({ name, title }) => html`<${Field} label=${title}><input type="url" aria-label=${title} placeholder="http://localhost:3000/hook" value=${urls[name]} onInput=${(input) => setUrls({ ...urls, [name]: input.target.value })} /><//>`)}</div>
    <p class="note">A request that names an address of its own is answered there.</p>
    <div class="row end"><button type="button" onClick=${close}>Close</button><${Button} class="main" onPress=${save}>Save<//></div>
  <//>`;
}
