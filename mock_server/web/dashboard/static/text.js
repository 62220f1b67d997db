// Values as people read them.

/** Seconds since the epoch from a number of seconds or an ISO text. */
export function seconds(value) {
  return typeof value === "number" ? value : Date.parse(value) / 1000;
}

const pad = (number, width = 2) => String(number).padStart(width, "0");

/** 14:03:07.250, in the reader's own zone. */
export function clockTime(value, withMillis = false) {
  const date = new Date(seconds(value) * 1000);
  if (Number.isNaN(date.getTime())) return "";
  const text = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return withMillis ? `${text}.${pad(date.getMilliseconds(), 3)}` : text;
}

/** 2026-01-01 14:03:07. */
export function dayTime(value) {
  const date = new Date(seconds(value) * 1000);
  if (Number.isNaN(date.getTime())) return "";
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clockTime(value)}`;
}

/** 14:03:07 of the day of now, 11-28 14:03 of another one. */
export function shortTime(value, now) {
  const day = (instant) => dayTime(instant).slice(0, 10);
  return !now || day(value) === day(now) ? clockTime(value) : `${day(value).slice(5)} ${clockTime(value).slice(0, 5)}`;
}

/** 850 ms, 12 s, 4 min 5 s, 3 h 10 min, 2 d 4 h. */
export function duration(value) {
  const total = Math.abs(value);
  if (total > 0 && total < 0.001) return "<1 ms";
  if (total < 1) return `${Math.round(total * 1000)} ms`;
  if (total < 60) return `${Number(total.toFixed(total < 10 ? 1 : 0))} s`;
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = units.findIndex(([, size]) => total >= size);
  const [name, size] = units[first];
  const rest = units[first + 1];
  const second = rest ? Math.floor((total % size) / rest[1]) : 0;
  return `${Math.floor(total / size)} ${name}${second ? ` ${second} ${rest[0]}` : ""}`;
}

export function bytes(count) {
  return count < 1024 ? `${count} B` : count < 1048576 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 1048576).toFixed(1)} MiB`;
}

/** Method and path of a journal entry; they are missing for a connection that was refused before its request could be read. */
export function asked(entry) {
  return entry.path ? `${entry.method} ${entry.path}` : "Not readable";
}

export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/** The value of a JSON text, or undefined where it is none. */
export function parsed(text) {
  if (typeof text !== "string") return text ?? undefined;
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function shellQuote(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
