// What the vendors call things, from GET providers: no view names a vendor.

export const vendor = (app, name) => (name ? app.providers.find((one) => one.name === name)?.title ?? name : "no vendor");

export const words = (app, name) => app.providers.find((one) => one.name === name)?.vocabulary ?? {};

/** [key, text] of the installed vendors. */
export const vendors = (app) => app.providers.map(({ name, title }) => [name, title]);

/** Sorted [word, word] of whatever pick gives of each vendor's words, of one vendor or (empty) of all. */
export function choices(app, only, pick) {
  const options = app.providers.filter(({ name }) => !only || name === only).flatMap(({ vocabulary }) => pick(vocabulary));
  return [...new Set(options.map(String))].sort().map((word) => [word, word]);
}
