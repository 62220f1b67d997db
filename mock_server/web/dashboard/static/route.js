// The address of the page: #/VIEW/ID?FILTER=VALUE. Filters and search live there, so that a link shows what its sender saw.

const LATER = { deliveries: "callbacks" };

/** {view, id, query} of an address. */
export function parse(hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view = "", ...rest] = path.split("/");
  return { view: LATER[view] ?? view, id: decodeURIComponent(rest.join("/")), query: Object.fromEntries(new URLSearchParams(search)) };
}

/** The address again; what is empty is left out. */
export function href({ view, id = "", query = {} }) {
  const filters = Object.entries(query).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  const search = new URLSearchParams(filters).toString();
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ""}${search ? `?${search}` : ""}`;
}

/** Turn to an address without a step to go back to. */
export function replace(address) {
  history.replaceState(null, "", address);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
