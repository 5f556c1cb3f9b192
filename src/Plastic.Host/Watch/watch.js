"use strict";
(() => {
  const wait = 2000, mostTicked = 8;
  const runs = new Map(), chosen = new Set(), ticked = new Set(), known = new Set();
  let version = 0, viewed = { since: 0, count: -1 }, view = null, only = null, shown = "validation", heard = 0, timer = null, isAsking = false;
  const find = document.getElementById("find"), live = document.getElementById("live");

  const all = () => [...runs.values()];
  const ofExperiment = name => all().filter(run => run.experiment === name);
  const isWanted = run => !only || run.kind === only;

  // The points of the chosen experiments, in order.
  const pointsOf = list => {
    const points = new Map();
    for (const run of list) {
      if (!points.has(run.point)) points.set(run.point, { id: run.point, place: run.place, experiment: run.experiment, runs: [] });
      points.get(run.point).runs.push(run);
    }
    const order = (a, b) => a.experiment.localeCompare(b.experiment) || a.place.localeCompare(b.place, "en", { numeric: true });
    for (const point of points.values()) point.runs.sort((a, b) => a.seed - b.seed);
    return [...points.values()].sort(order);
  };
  const chosenPoints = () => pointsOf(all().filter(run => chosen.has(run.experiment)));

  // What is chosen stands in the address, so that the page can be loaded again.
  const remember = () => {
    const parts = new URLSearchParams([...chosen].map(name => ["e", name]));
    if (shown !== "validation") parts.set("show", shown);
    history.replaceState(null, "", `#${parts}`);
  };

  const list = experimentList(document.getElementById("experiments"), (name, isAdded) => {
    if (!isAdded) {
      chosen.clear();
      chosen.add(name);
    } else if (!chosen.delete(name)) chosen.add(name);
    chooseAgain();
  });
  const totals = totalsRow(document.getElementById("totals"), kind => {
    only = kind === "all" || kind === only ? null : kind;
    paint();
  });
  const curves = curvesPart(document.getElementById("curves"), value => {
    shown = value;
    remember();
    viewed.since = 0;
    refresh();
  });
  const look = insidePart(document.getElementById("inside"));
  const points = pointsPart(document.getElementById("points"), id => {
    if (!ticked.delete(id)) ticked.add(id);
    viewed.since = 0;
    paint();
    refresh();
  }, look);
  const settings = settingsPart(document.getElementById("settings"));

  const chooseAgain = () => {
    remember();
    document.getElementById("inside").replaceChildren();
    ticked.clear();
    known.clear();
    tickNew();
    view = null;
    viewed = { since: 0, count: -1 };
    paint();
    refresh();
  };

  // The first points of each of the chosen experiments are in the chart, also those that appear later.
  const tickNew = () => {
    const most = Math.max(1, Math.floor(mostTicked / chosen.size)), drawn = new Map();
    for (const { id, experiment } of chosenPoints()) {
      const before = drawn.get(experiment) ?? 0;
      if (!known.has(id) && before < most) {
        ticked.add(id);
        viewed.since = 0;
      }
      known.add(id);
      if (ticked.has(id)) drawn.set(experiment, before + 1);
    }
  };

  const paint = () => {
    const word = find.value.trim().toLowerCase();
    totals.update(all(), only);
    list.mark(chosen);
    list.show(name => (name.toLowerCase().includes(word) || chosen.has(name)) && ofExperiment(name).some(isWanted));
    if (runs.size === 0) {
      curves.title("No runs yet");
      curves.nothing("They appear here as soon as plastic train begins one.");
      points.clear();
      settings(null);
      return;
    }
    curves.title([...chosen].join(", ") || "Choose an experiment");
    const there = chosenPoints();
    if (view && there.length > 0) points.show(there.filter(point => point.runs.some(isWanted)), view, ticked, chosen.size > 1, there.length);
    else points.clear();
    if (chosen.size === 0) curves.nothing("Tick several to compare them.");
  };

  const apply = change => {
    version = change.version;
    document.getElementById("root").textContent = `\u200e${change.root}`;
    const touched = new Set();
    for (const run of change.runs) {
      runs.set(run.id, run);
      touched.add(run.experiment);
    }
    const left = new Set(change.ids ?? runs.keys());
    for (const [id, run] of runs) {
      if (left.has(id)) continue;
      touched.add(run.experiment);
      runs.delete(id);
    }
    for (const name of touched) list.update(name, ofExperiment(name), change.pictures[name]);
    for (const name of [...chosen]) if (ofExperiment(name).length === 0) chosen.delete(name);
    // What trains is what one wants to see first.
    if (chosen.size === 0 && runs.size > 0) {
      const first = all().find(run => run.kind === "running")?.experiment ?? list.names()[0];
      chosen.add(first);
      remember();
    }
    tickNew();
    return touched.size > 0;
  };

  const refresh = async () => {
    if (isAsking) return;
    isAsking = true;
    clearTimeout(timer);
    try {
      const hasChanged = apply(await ask("runs", { since: version }));
      if (hasChanged || !view) paint();
      if (chosen.size > 0) {
        const asked = viewed.since;
        const ids = [...new Set(all().filter(run => chosen.has(run.experiment)).map(run => run.experimentId))];
        const next = await ask("view", { experiments: ids, points: chosenPoints().map(({ id }) => id).filter(id => ticked.has(id)), show: shown, ...viewed });
        if (!next.same) {
          view = next;
          // Something may have been chosen in the meantime: then it is asked for again.
          if (viewed.since === asked) viewed = { since: next.version, count: next.count };
          curves.show(view, shown);
          settings(view);
          paint();
        }
      }
      heard = Date.now();
      live.className = "";
    } catch (fault) {
      live.className = "lost";
      live.textContent = fault.message;
    } finally {
      isAsking = false;
      tell();
      timer = setTimeout(refresh, document.hidden ? 15 * wait : wait);
    }
  };

  // Whether what is seen is of now.
  const tell = () => {
    if (live.className === "lost") return;
    const running = all().filter(run => run.kind === "running").length;
    live.textContent = running > 0 ? `live; ${count(running, "run")} training` : "live; nothing trains";
  };

  find.addEventListener("input", paint);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  const parts = new URLSearchParams(location.hash.slice(1));
  for (const name of parts.getAll("e")) chosen.add(name);
  shown = parts.get("show") ?? shown;
  refresh();
})();
