"use strict";

// The list of experiments: of each its name, its curves in a picture of the size of a word, and how many of its runs are in which state.
const experimentList = (place, choose) => {
  const rows = new Map();

  const rowFor = name => {
    if (rows.has(name)) return rows.get(name);
    const item = document.createElement("li");
    const pick = make("button", item, undefined, "pick");
    pick.type = "button";
    make("b", pick, name);
    const line = make("span", pick, undefined, "row");
    const picture = shape("svg", line, { viewBox: "0 0 100 30", "aria-hidden": "true" });
    const tell = make("span", line, undefined, "tell");
    const bar = make("span", pick, undefined, "states");
    bar.setAttribute("aria-hidden", "true");
    const label = make("label", item, undefined, "add");
    const add = make("input", label);
    add.type = "checkbox";
    add.title = "compare";
    add.setAttribute("aria-label", `compare ${name}`);
    pick.addEventListener("click", () => choose(name, false));
    add.addEventListener("change", () => choose(name, true));
    const row = { item, pick, picture, tell, bar, add };
    // In order of the names.
    const after = [...rows.keys()].filter(other => other > name).sort()[0];
    place.insertBefore(item, after === undefined ? null : rows.get(after).item);
    rows.set(name, row);
    return row;
  };

  const drawPicture = (picture, curves) => {
    picture.replaceChildren();
    shape("path", picture, { d: "M0 30H100", stroke: "var(--line)" });
    curves.forEach((numbers, k) => {
      const points = numbers.flatMap((x, at) => (at % 2 === 0 ? [`${x} ${numbers[at + 1]}`] : []));
      shape("path", picture, { d: `M${points.join("L")}`, fill: "none", stroke: `var(--curve-${k % 6})`, "stroke-width": 1.4, "stroke-linejoin": "round" });
    });
  };

  return {
    // What has changed of an experiment; one without runs goes.
    update: (name, runs, curves) => {
      if (runs.length === 0) {
        rows.get(name)?.item.remove();
        rows.delete(name);
        return;
      }
      const row = rowFor(name);
      if (curves) drawPicture(row.picture, curves);
      const counts = countKinds(runs);
      const finished = counts.find(([kind]) => kind === "finished")?.[1] ?? 0;
      row.tell.textContent = [
        `${finished === runs.length ? "all" : `${finished} of`} ${runs.length} finished`,
        ...counts.filter(([kind]) => kind !== "finished").map(([kind, n]) => `${n} ${kind}`),
      ].join(", ");
      row.bar.replaceChildren();
      for (const [kind, n] of barKinds(runs)) make("i", row.bar, undefined, kind).style.flexGrow = n;
    },
    mark: chosen => {
      for (const [name, { pick, add }] of rows) {
        pick.setAttribute("aria-pressed", String(chosen.has(name)));
        add.checked = chosen.has(name);
      }
    },
    show: isShown => {
      for (const [name, { item }] of rows) item.hidden = !isShown(name);
    },
    names: () => [...rows.keys()].sort(),
  };
};

// How many runs there are of each kind; each number shows only those.
const totalsRow = (place, choose) => {
  const buttons = new Map();
  return {
    update: (runs, only) => {
      for (const [kind, n] of [["all", runs.length], ...countKinds(runs)]) {
        if (!buttons.has(kind)) {
          const button = document.createElement("button");
          button.type = "button";
          if (kind !== "all") make("span", button, undefined, `dot ${kind}`);
          make("b", button);
          make("span", button);
          button.addEventListener("click", () => choose(kind));
          buttons.set(kind, button);
          const order = ["all", ...kinds];
          const after = [...buttons.keys()].filter(other => order.indexOf(other) > order.indexOf(kind)).sort((a, b) => order.indexOf(a) - order.indexOf(b))[0];
          place.insertBefore(button, after === undefined ? null : buttons.get(after));
        }
        buttons.get(kind).querySelector("b").textContent = n.toLocaleString("en-US");
        buttons.get(kind).lastElementChild.textContent = kind !== "all" ? ` ${kind}` : n === 1 ? " run" : " runs";
      }
      for (const [kind, button] of buttons) {
        const isThere = kind === "all" || runs.some(run => run.kind === kind);
        button.hidden = !isThere;
        button.setAttribute("aria-pressed", String(kind === (only ?? "all")));
      }
    },
  };
};
