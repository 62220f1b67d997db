// The control API. The only module that knows addresses.

// From origin and path, since the page's own address may carry the name and token a person typed, which fetch refuses.
const BASE = new URL("../", location.origin + location.pathname);

export const origin = BASE.origin;

/** The account whose lists show what every account did. */
export const ALL = "*";
const LISTS = new Set(["requests", "callbacks", "verifications", "notices", "stream"]);

/** A refused call of the control API, with its problem document. */
export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `the control API answered ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

export class Api {
  constructor(account) {
    this.account = account;
  }

  /** A page of a list by the address that the page before gave as next. */
  follow(link, more = {}) {
    const url = new URL(link, BASE);
    const query = { ...Object.fromEntries(url.searchParams), ...more };
    return this.call("GET", url.pathname.slice(BASE.pathname.length), { query });
  }

  get(path, query = {}) {
    return this.call("GET", path, { query });
  }

  post(path, body, query = {}) {
    return this.call("POST", path, { body, query });
  }

  put(path, body, query = {}) {
    return this.call("PUT", path, { body, query });
  }

  delete(path, query = {}) {
    return this.call("DELETE", path, { query });
  }

  async call(method, path, { body, query = {} }) {
    const response = await this.fetch(path, { method, query, body });
    const text = await response.text();
    const answer = text ? JSON.parse(text) : {};
    if (!response.ok) throw new ApiError(response.status, answer);
    return answer;
  }

  async fetch(path, { method = "GET", query = {}, body, signal } = {}) {
    const url = new URL(path, BASE);
    const account = this.account === ALL && !LISTS.has(path) ? "default" : this.account;
    for (const [name, value] of Object.entries({ account, ...query })) {
      if (value !== "" && value !== undefined && value !== null) url.searchParams.set(name, value);
    }
    const headers = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    try {
      return await fetch(url, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError(0, { title: "The server cannot be reached." });
    }
  }
}

/**
 * Call back whenever something has happened in the account, or in any, with the kinds of change where the event stream names
 * them (of all accounts only `state` and `scenarios`): by the event stream or, where that is not to be
 * had, by asking every two seconds. Server-sent events are read with fetch: any event counts, whatever its name. A page that
 * is not looked at lets go of its stream, since a browser opens only six connections to one host.
 */
export class Live {
  constructor(api, { happened, state }) {
    this.api = api;
    this.happened = happened;
    this.state = state;
    this.abort = null;
    document.addEventListener("visibilitychange", () => this.look());
    this.look();
  }

  look() {
    if (document.visibilityState === "hidden") {
      this.abort?.abort();
      this.abort = null;
    } else if (!this.abort) {
      this.abort = new AbortController();
      this.follow(this.abort.signal);
    }
  }

  async follow(signal) {
    let failures = 0;
    while (!signal.aborted) {
      const opened = await this.listen(signal);
      failures = opened ? 0 : failures + 1;
      if (signal.aborted) return;
      this.state((await this.answers()) ? "polling" : "lost");
      await new Promise((resolve) => setTimeout(resolve, Math.min(2000, 250 * 2 ** failures)));
    }
  }

  /** Read the stream to its end; whether there was one. */
  async listen(signal) {
    let opened = false;
    try {
      const response = await this.api.fetch("stream", { query: { brief: 1 }, signal });
      if (!response.ok || !response.body) return false;
      opened = true;
      this.state("live");
      this.happened();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return opened;
        const events = (rest + value).split(/\r?\n\r?\n/);
        rest = events.pop();
        const payloads = events.map((event) => /^data:(.*)/m.exec(event)).filter(Boolean);
        if (payloads.length) this.happened([...new Set(payloads.flatMap(([, data]) => JSON.parse(data).kinds))]);
      }
    } catch {
      return opened;
    }
  }

  async answers() {
    try {
      await this.api.get("health");
      this.happened();
      return true;
    } catch {
      return false;
    }
  }
}
