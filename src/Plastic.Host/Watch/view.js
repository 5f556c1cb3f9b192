"use strict";

// The curves of the points that are ticked.
const curvesPart = (place, choose) => {
  const title = make("h2", place, "No runs yet");
  const head = make("div", place, undefined, "head");
  const left = make("span", head);
  const label = make("label", left, "show ");
  const choice = make("select", label);
  choice.addEventListener("change", () => choose(choice.value));
  const side = make("span", head, undefined, "soft");
  const note = make("span", side);
  const log = make("button", side, "log scale", "toggle");
  log.type = "button";
  log.setAttribute("aria-pressed", "false");
  const axis = make("p", place);
  const drawing = make("div", place);
  const hint = make("p", place, "Values: hover, or arrow keys. Zoom: drag, or + and −; double-click or Escape to reset. A name below hides its curve.", "compare");
  let update = null;

  return {
    title: text => { title.textContent = text; },
    nothing: text => {
      head.hidden = axis.hidden = drawing.hidden = true;
      hint.textContent = text;
    },
    show: (view, shown) => {
      head.hidden = false;
      choice.replaceChildren();
      for (const [value, text] of view.choices) Object.assign(make("option", choice, text), { value, selected: value === shown });
      axis.hidden = drawing.hidden = !view.chart;
      hint.textContent = view.chart
        ? "Values: hover, or arrow keys. Zoom: drag, or + and −; double-click or Escape to reset. A name below the chart hides its curve."
        : "Nothing to draw yet: no run here has logged this so far, or no point is ticked below.";
      note.textContent = view.chart ? `${view.chart.note} ` : "";
      if (!view.chart) return;
      axis.textContent = view.chart.yLabel + (view.tasks > 1 ? "; losses of different tasks cannot be compared" : "");
      if (update) update(view.chart);
      else update = lineChart(view.chart, drawing, log);
    },
  };
};

// A row for each point of the chosen experiments, with its seeds below where it is open.
const pointsPart = (place, tick, look) => {
  const title = make("h2", place);
  const note = make("p", place, undefined, "compare");
  const frame = make("div", place, undefined, "scroll");
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", "points and their runs");
  const table = make("tbody", make("table", frame));
  const open = new Set();
  let again = () => {}, isPressed = false;
  // A row that is pressed stays where it is until it is let go.
  frame.addEventListener("pointerdown", () => { isPressed = true; });
  for (const end of ["pointerup", "pointercancel"]) {
    addEventListener(end, () => {
      if (!isPressed) return;
      isPressed = false;
      setTimeout(again);
    });
  }

  const cell = (row, name, text, type) => {
    const made = make("td", row, text, type);
    if (name) made.dataset.name = name;
    return made;
  };
  const state = (row, runs) => {
    const made = make("span", cell(row, "state"));
    countKinds(runs).forEach(([kind, n], k) => {
      if (k > 0) made.append(", ");
      const part = make("span", made, undefined, "place");
      make("span", part, undefined, `dot ${kind}`);
      part.append(runs.length === 1 ? runs[0].state : `${n} ${kind}`);
    });
  };
  const progress = (row, runs) => {
    const step = runs.reduce((sum, run) => sum + run.step, 0), steps = runs.reduce((sum, run) => sum + run.steps, 0);
    const made = make("span", cell(row, "step", undefined, "place"));
    const bar = make("span", made, undefined, `progress ${countKinds(runs)[0][0]}`);
    bar.setAttribute("aria-hidden", "true");
    make("i", bar).style.width = `${steps > 0 ? Math.min(100, 100 * step / steps) : 0}%`;
    made.append(runs.length === 1 ? `${show(step)} of ${show(steps)}` : `${steps > 0 ? Math.floor(100 * step / steps) : 0} %`);
  };
  const numbers = (row, runs, metric, hasLeft) => {
    // Of those that are finished, once there are any: the others are on their way.
    const finished = runs.filter(run => run.kind === "finished");
    const known = key => (finished.length > 0 && key !== "left" ? finished : runs).map(run => run[key]).filter(value => value !== undefined);
    if (metric) cell(row, `test ${metric}`, mean(known("measure")), "number");
    cell(row, "best validation", mean(known("validation")), "number");
    cell(row, "test loss", mean(known("test")), "number");
    if (!hasLeft) return;
    const left = known("left");
    cell(row, "time left", left.length > 0 ? duration(Math.max(...left)) : "", "number");
  };
  const seedRows = (runs, label, columns, metric, hasLeft) => {
    for (const run of runs) {
      const row = make("tr", table, undefined, "seed");
      const first = cell(row, "", undefined, "tick");
      if (run.canLook) {
        const button = make("button", first, "look inside", "look");
        button.type = "button";
        button.dataset.focus = `look ${run.id}`;
        button.setAttribute("aria-label", `look inside the network of seed ${run.seed}`);
        button.addEventListener("click", () => look(run, label));
      }
      const name = cell(row, "seed", `seed ${run.seed}${[run.name, ...run.tags ?? []].filter(Boolean).map(word => ` · ${word}`).join("")}`);
      name.colSpan = columns;
      state(row, [run]);
      progress(row, [run]);
      numbers(row, [run], metric, hasLeft);
      if (!run.message) continue;
      const line = make("tr", table, undefined, "seed");
      cell(line, "", "");
      cell(line, "", run.message, "message").colSpan = columns + 6;
    }
  };

  return {
    // The points, the settings in which they differ, and which of them are in the chart.
    show: (points, view, ticked, isCompared, total) => {
      again = () => {
        if (isPressed) return;
        const focused = document.activeElement?.dataset?.focus;
        const metric = points.flatMap(({ runs }) => runs).find(run => run.measureName)?.measureName;
        const differing = view.differing.length > 0 ? view.differing : ["point"];
        title.textContent = "Points and their seeds";
        const curveOf = new Map(view.drawn.map((id, k) => [id, view.chart.curves[k]]));
        const hasLeft = points.some(({ runs }) => runs.some(run => run.left !== undefined));
        note.textContent = `${view.drawn.length} of ${count(total, "point")} in the chart${points.length < total ? `, ${points.length} listed` : ""}; mean ± 1.96 standard errors over seeds. `
          + (view.differing.length > 0 ? `They differ in ${view.differing.join(", ")}.` : "");
        table.replaceChildren();
        const names = make("tr", table, undefined, "names");
        for (const name of ["", ...isCompared ? ["experiment"] : [], ...differing, "state", "step"]) make("th", names, name);
        for (const name of [...metric ? [`test ${metric}`] : [], "best validation", "test loss", ...hasLeft ? ["time left"] : []]) make("th", names, name, "number");
        for (const { id, place: where, experiment, runs } of points) {
          const row = make("tr", table);
          const first = cell(row, "", undefined, "tick place");
          const more = make("button", first, open.has(id) ? "▾" : "▸", "open");
          more.type = "button";
          more.dataset.focus = `open ${id}`;
          more.setAttribute("aria-expanded", String(open.has(id)));
          more.setAttribute("aria-label", `seeds of ${where}`);
          more.addEventListener("click", () => {
            if (!open.delete(id)) open.add(id);
            again();
          });
          const box = make("input", first);
          box.type = "checkbox";
          box.checked = ticked.has(id);
          box.dataset.focus = `tick ${id}`;
          box.setAttribute("aria-label", `${where} in the chart`);
          box.addEventListener("change", () => tick(id));
          if (curveOf.has(id)) sampleOf(curveOf.get(id), false, first).classList.add("swatch");
          if (isCompared) cell(row, "experiment", experiment);
          const values = view.rows[id];
          differing.forEach((key, k) => cell(row, key, values && view.differing.length > 0 ? values[k] : where, values && view.differing.length > 0 ? "" : "long"));
          state(row, runs);
          progress(row, runs);
          numbers(row, runs, metric, hasLeft);
          if (open.has(id)) seedRows(runs, values && view.differing.length > 0 ? differing.map((key, k) => `${key} ${values[k]}`).join(", ") : "", differing.length + (isCompared ? 1 : 0), metric, hasLeft);
        }
        if (focused) [...place.querySelectorAll("[data-focus]")].find(element => element.dataset.focus === focused)?.focus();
      };
      again();
    },
    clear: () => {
      again = () => {};
      table.replaceChildren();
      title.textContent = note.textContent = "";
    },
  };
};

// The settings that all chosen points share.
const settingsPart = place => view => {
  const wasOpen = place.querySelector("details")?.open ?? false;
  place.replaceChildren();
  if (!view || view.shared.length === 0) return;
  const details = make("details", place);
  details.open = wasOpen;
  make("summary", details, `${count(view.shared.length, "setting")} that all of them share`);
  const list = make("div", details, undefined, "settings");
  for (const [key, text] of view.shared) {
    const row = make("div", list);
    make("span", row, key);
    make("span", row, text);
  }
};

// What a finished network does within an episode.
const insidePart = place => async (run, label) => {
  place.replaceChildren();
  const title = make("h2", place, `Inside ${[run.experiment, label, `seed ${run.seed}`].filter(Boolean).join(", ")}`);
  title.tabIndex = -1;
  title.focus();
  const wait = make("p", place, "Testing the network …");
  let found;
  try {
    found = await ask("insides", { run: run.id });
  } catch (fault) {
    found = { fault: fault.message };
  }
  if (!place.contains(wait)) return;
  wait.remove();
  if (found.fault) {
    make("p", place, found.fault, "message");
    return;
  }
  if (found.rates) {
    make("h3", place, found.rates.title);
    const head = make("div", place, undefined, "head");
    make("span", head, found.rates.yLabel);
    const log = make("button", head, "log scale", "toggle");
    log.type = "button";
    log.setAttribute("aria-pressed", "false");
    lineChart(found.rates, make("div", place), log);
  } else {
    make("p", place, "Its inner learning rate does not change within an episode.");
  }
  drawHeat([found.heat], place);
};
