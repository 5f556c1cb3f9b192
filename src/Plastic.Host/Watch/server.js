"use strict";

// The secret of the address is kept for this tab alone, and leaves the address at once: it is not seen or copied with it. The browser may
// have noted the address before; the secret ends with the server.
const secret = (() => {
  const parts = new URLSearchParams(location.hash.slice(1));
  const given = parts.get("token");
  if (given) {
    sessionStorage.setItem("token", given);
    parts.delete("token");
    history.replaceState(null, "", `#${parts}`);
  }
  return given ?? sessionStorage.getItem("token") ?? "";
})();

// What the server knows. Fails with a sentence for people.
const ask = async (what, parameters = {}) => {
  let response;
  try {
    response = await fetch(`/api/${what}?${new URLSearchParams(parameters)}`, { headers: { Authorization: `Bearer ${secret}` } });
  } catch {
    throw new Error("no connection to plastic watch");
  }
  if (!response.ok) throw new Error((await response.text()).trim());
  return response.json();
};

const kinds = ["running", "waiting", "finished", "stopped", "failed", "lost", "unreadable"];

// "3 runs", "1 run".
const count = (n, word) => `${n.toLocaleString("en-US")} ${word}${n === 1 ? "" : "s"}`;

// How many of some runs are of each kind, of those kinds that there are.
const countKinds = runs => kinds.map(kind => [kind, runs.filter(run => run.kind === kind).length]).filter(([, n]) => n > 0);

// The same in the order of a bar: what is done first, what has not begun last.
const barKinds = runs => {
  const order = ["finished", "running", "stopped", "failed", "lost", "unreadable", "waiting"];
  return countKinds(runs).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
};

// "2 h 5 min", "40 s".
const duration = seconds => {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.round(minutes / 1440)} d`;
};

// A mean with 1.96 standard errors where there are several numbers.
const mean = values => {
  if (values.length === 0) return "";
  const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return middle.toFixed(4);
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
  return `${middle.toFixed(4)} ± ${(1.96 * spread / Math.sqrt(values.length)).toFixed(4)}`;
};
