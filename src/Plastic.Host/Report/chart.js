"use strict";

const svgSpace = "http://www.w3.org/2000/svg";

// A number for people: four digits, thousands apart.
const show = x => (x === null || x === undefined ? "–" : Math.abs(x) >= 1000 ? x.toLocaleString("en-US") : String(+x.toPrecision(4)));

// An element of a drawing.
const shape = (tag, parent, attributes, text) => {
  const element = document.createElementNS(svgSpace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
};

// Round values, 1, 2 or 5 times a power of ten apart, with their texts: at least as many between two values as asked for, or fewer where
// they would lie closer than the nearest may.
const ticksOf = ([low, high], least = 4, nearest = 0) => {
  const count = Math.min(4, least);
  const power = 10 ** Math.floor(Math.log10((high - low) / count));
  const spacing = Math.max(nearest, [5 * power, 2 * power].find(step => (high - low) / step >= count) ?? power);
  const decimals = Math.max(0, -Math.floor(Math.log10(spacing) + 1e-9));
  const ticks = [];
  // Adding 0 makes a zero of -0.
  for (let k = Math.ceil(low / spacing - 1e-9) + 0; k * spacing <= high + 1e-9 * spacing; k++) {
    ticks.push([k * spacing, (k * spacing).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })]);
  }
  return ticks;
};

// The same for a logarithmic axis: 1, 2 and 5 times the powers of ten, or the powers alone where those are many.
const logTicksOf = ([low, high]) => {
  const ticks = [];
  const factors = Math.log10(high / low) > 3 ? [1] : [1, 2, 5];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const factor of factors) {
      const at = factor * 10 ** power;
      if (at >= low * (1 - 1e-9) && at <= high * (1 + 1e-9)) ticks.push([at, at >= 1e-4 && at < 1e5 ? String(+at.toPrecision(1)) : at.toExponential(0)]);
    }
  }
  return ticks;
};

// The forms of marks, about eight units wide around the origin.
const marks = ["M4 0A4 4 0 1 1 -4 0A4 4 0 1 1 4 0Z", "M-3.5-3.5H3.5V3.5H-3.5Z", "M0-4.5L4.3 3.5H-4.3Z", "M0-5L5 0L0 5L-5 0Z", "M0 4.5L4.3-3.5H-4.3Z"];

// A short piece of a curve, to tell by its side what it is.
const sampleOf = (curve, hasMarks, place) => {
  const sample = shape("svg", place, { width: 28, height: 10, "aria-hidden": "true" });
  shape("path", sample, {
    d: "M0 5H28", stroke: curve.colour, "stroke-width": 2, "stroke-dasharray": curve.dash.map(length => 2 * length).join(" "),
  });
  if (hasMarks || curve.mark > 0) {
    shape("path", sample, { d: marks[(hasMarks ? curve.mark : curve.mark - 1) % marks.length], transform: "translate(14 5)", fill: curve.colour });
  }
  return sample;
};

// A line chart with bands. The legend shows the values below the pointer and switches curves off and on; dragging over a
// stretch of x magnifies it, a double click shows all again. With the keyboard: arrows, Home and End move the pointer, + and −
// magnify around it, Escape shows all. What is returned shows another chart in its place: the curves that were switched off stay off,
// and what was magnified stays so.
const lineChart = (chart, place, logButton) => {
  const size = { width: 1032, height: 360 }, area = { left: 64, right: 0, top: 10, bottom: 312 };
  const height = area.bottom - area.top;
  let width;
  const svg = shape("svg", place, { class: "chart", role: "img", tabindex: 0, "aria-label": `${chart.yLabel} over ${chart.xLabel}` });
  const picture = shape("g", svg, {});
  const pointer = shape("g", svg, { "pointer-events": "none" });
  const off = new Set();
  const shown = () => chart.curves.filter(curve => !off.has(curve.label));
  let zoom = null, xRange, yRange, dragFrom = null, isLog = false, readAt = null;

  const xAt = value => area.left + (value - xRange[0]) / (xRange[1] - xRange[0]) * width;
  const up = value => (isLog ? Math.log10(Math.max(value, yRange[0])) : value);
  const yAt = value => area.bottom - (up(value) - up(yRange[0])) / (up(yRange[1]) - up(yRange[0])) * height;
  const valueAt = x => xRange[0] + (x - area.left) / width * (xRange[1] - xRange[0]);
  const within = x => x >= xRange[0] && x <= xRange[1];

  // The whole figure's heights while it is shown as a whole, otherwise those of what is seen.
  const fit = () => {
    xRange = zoom ?? chart.xRange;
    yRange = chart.yRange;
    if (isLog) {
      const seen = shown().flatMap(curve => curve.x.flatMap((x, k) => (within(x) ? [curve.y[k], curve.low[k], curve.high[k]] : [])));
      const positive = [...seen, ...chart.levels.map(level => level.at)].filter(value => value > 0);
      if (positive.length > 0) yRange = [Math.min(...positive) / 1.15, Math.max(...positive) * 1.15];
      return;
    }
    if (!zoom && shown().length === chart.curves.length) return;
    const seen = shown().flatMap(curve => curve.x.map((x, k) => [x, curve.low[k], curve.high[k]])).filter(([x]) => within(x));
    if (seen.length === 0) return;
    const low = Math.min(0, ...seen.map(point => point[1])), high = Math.max(...seen.map(point => point[2]));
    if (high > low) yRange = [low - 0.04 * (high - low), high + 0.04 * (high - low)];
  };

  const path = points => `M${points.map(([x, y]) => `${xAt(x).toFixed(1)} ${yAt(y).toFixed(1)}`).join("L")}`;

  const drawCurve = (parent, over, curve) => {
    const points = key => curve.x.map((x, k) => [x, curve[key][k]]);
    if (curve.hasBand) {
      shape("path", parent, { d: `${path([...points("high"), ...points("low").reverse()])}Z`, fill: curve.colour, "fill-opacity": 0.2 });
    }
    shape("path", parent, {
      d: path(points("y")), fill: "none", stroke: curve.colour, "stroke-width": 2, "stroke-linejoin": "round",
      "stroke-dasharray": curve.dash.map(length => 2 * length).join(" "),
    });
    // Marks on every point of few, or on some of many where the dashes alone do not tell the curves apart.
    const hasAll = chart.hasMarks || curve.x.length === 1;
    if (!hasAll && curve.mark === 0) return;
    const apart = hasAll ? 1 : Math.max(1, Math.round(curve.x.length / 8));
    const form = marks[(hasAll ? curve.mark : curve.mark - 1) % marks.length];
    points("y").forEach(([x, y], k) => {
      if (k % apart === 0 && within(x) && y >= yRange[0] && y <= yRange[1]) shape("path", over, { d: form, transform: `translate(${xAt(x)} ${yAt(y)})`, fill: curve.colour });
    });
  };

  const draw = () => {
    fit();
    picture.replaceChildren();
    pointer.replaceChildren();
    for (const [at, text] of (isLog ? logTicksOf : ticksOf)(yRange)) {
      shape("path", picture, { d: `M${area.left} ${yAt(at)}H${area.right}`, class: "grid" });
      shape("text", picture, { x: area.left - 8, y: yAt(at) + 4, "text-anchor": "end" }, text);
    }
    for (const [at, text] of ticksOf(xRange, Math.max(2, Math.floor(width / 110)), chart.isWhole ? 1 : 0)) {
      shape("path", picture, { d: `M${xAt(at)} ${area.bottom}v5`, class: "axis" });
      shape("text", picture, { x: xAt(at), y: area.bottom + 19, "text-anchor": "middle" }, text);
    }
    // A drawing within the drawing, which cuts off what lies outside.
    const inside = shape("svg", picture, {
      x: area.left, y: area.top, width, height, viewBox: `${area.left} ${area.top} ${width} ${height}`,
    });
    // From top to bottom, each name at its level or below the name before.
    let below = -Infinity;
    for (const level of chart.levels.filter(({ at }) => at >= yRange[0] && at <= yRange[1]).sort((a, b) => b.at - a.at)) {
      shape("path", picture, { d: `M${area.left} ${yAt(level.at)}H${area.right}`, class: "level" });
      below = Math.max(yAt(level.at), below + 15);
      shape("text", picture, { x: area.right + 6, y: below + 4, class: "soft" }, level.name);
    }
    shape("path", picture, { d: `M${area.left} ${area.top}V${area.bottom}H${area.right}`, class: "axis" });
    // Marks at the edge are whole.
    const over = shape("g", picture, {});
    for (const curve of shown()) drawCurve(inside, over, curve);
    shape("text", picture, { x: (area.left + area.right) / 2, y: size.height - 8, "text-anchor": "middle" }, chart.xLabel);
  };

  const legend = document.createElement("div");
  legend.className = "legend";
  place.append(legend);
  const xText = document.createElement("output");
  xText.className = "at";
  let entries = [];
  const list = () => {
    const focused = entries.findIndex(({ button }) => button === document.activeElement);
    entries = chart.curves.map(curve => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-pressed", String(!off.has(curve.label)));
      sampleOf(curve, chart.hasMarks, button);
      button.append(curve.label);
      const value = document.createElement("output");
      button.append(value);
      button.addEventListener("click", () => {
        if (!off.delete(curve.label)) off.add(curve.label);
        button.setAttribute("aria-pressed", String(!off.has(curve.label)));
        draw();
      });
      return { curve, button, value };
    });
    legend.replaceChildren(...entries.map(({ button }) => button), xText);
    entries[focused]?.button.focus();
  };

  // The pointer's place in the drawing's own units.
  const placeOf = event => {
    const box = svg.getBoundingClientRect();
    return Math.min(area.right, Math.max(area.left, (event.clientX - box.left) / box.width * size.width));
  };

  // The values of x that can be read, in order.
  const placesOf = () => [...new Set(shown().flatMap(curve => curve.x).filter(within))].sort((a, b) => a - b);

  const read = x => {
    const xs = placesOf();
    if (xs.length === 0) return;
    pointer.replaceChildren();
    const nearest = xs.reduce((best, value) => (Math.abs(value - x) < Math.abs(best - x) ? value : best));
    readAt = nearest;
    shape("path", pointer, { d: `M${xAt(nearest)} ${area.top}V${area.bottom}`, class: "pointer" });
    xText.textContent = `${chart.xLabel} ${show(nearest)}`;
    for (const { curve, value } of entries) {
      const k = off.has(curve.label) ? -1 : curve.x.indexOf(nearest);
      value.textContent = k < 0 ? "" : curve.hasBand ? `${show(curve.y[k])} (${show(curve.low[k])} to ${show(curve.high[k])})` : show(curve.y[k]);
      if (k >= 0 && yAt(curve.y[k]) >= area.top) {
        shape("circle", pointer, { cx: xAt(nearest), cy: yAt(curve.y[k]), r: 3.5, fill: curve.colour });
      }
    }
  };

  svg.addEventListener("pointerdown", event => {
    if (event.button !== 0) return;
    dragFrom = placeOf(event);
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", event => {
    const at = placeOf(event);
    read(valueAt(at));
    if (dragFrom !== null) {
      shape("rect", pointer, { x: Math.min(at, dragFrom), y: area.top, width: Math.abs(at - dragFrom), height, class: "selection" });
    }
  });
  svg.addEventListener("pointerup", event => {
    if (dragFrom === null) return;
    const ends = [valueAt(dragFrom), valueAt(placeOf(event))].sort((a, b) => a - b);
    // Less than a few pixels is a click.
    if (Math.abs(placeOf(event) - dragFrom) > 8) zoomTo(ends);
    dragFrom = null;
  });
  svg.addEventListener("pointercancel", () => { dragFrom = null; });
  const leave = () => {
    pointer.replaceChildren();
    xText.textContent = "";
    for (const { value } of entries) value.textContent = "";
  };
  const zoomTo = ends => {
    zoom = ends;
    draw();
  };
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("blur", leave);
  svg.addEventListener("dblclick", () => zoomTo(null));

  // A stretch around what is read, a factor shorter or longer, within the whole.
  const magnify = factor => {
    const [from, to] = chart.xRange;
    const length = (xRange[1] - xRange[0]) * factor, middle = readAt ?? (xRange[0] + xRange[1]) / 2;
    const start = Math.max(from, Math.min(to - length, middle - length / 2));
    zoomTo(length >= to - from ? null : [start, start + length]);
  };
  const keys = {
    ArrowLeft: (xs, k) => read(xs[Math.max(0, k - 1)]),
    ArrowRight: (xs, k) => read(xs[Math.min(xs.length - 1, k + 1)]),
    Home: xs => read(xs[0]),
    End: xs => read(xs[xs.length - 1]),
    "+": () => magnify(0.5),
    "-": () => magnify(2),
    Escape: () => zoomTo(null),
  };
  svg.addEventListener("keydown", event => {
    const xs = placesOf();
    if (!keys[event.key] || xs.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key](xs, xs.indexOf(readAt));
    if (readAt !== null && within(readAt)) read(readAt);
  });

  logButton.addEventListener("click", () => {
    isLog = !isLog;
    logButton.setAttribute("aria-pressed", String(isLog));
    draw();
  });

  // Letters keep their size in a narrow window.
  const resize = () => {
    size.width = Math.max(300, Math.min(1032, place.clientWidth));
    area.right = size.width - Math.max(24, ...chart.levels.map(level => 14 + 7 * level.name.length));
    width = area.right - area.left;
    svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    draw();
  };
  list();
  new ResizeObserver(resize).observe(place);
  resize();

  return next => {
    const key = ({ curves, hasMarks }) => JSON.stringify([hasMarks, curves.map(({ label, colour, dash, mark }) => [label, colour, dash, mark])]);
    const isListed = key(chart) === key(next), at = pointer.hasChildNodes() ? readAt : null;
    const isAsWide = JSON.stringify(chart.levels) === JSON.stringify(next.levels);
    chart = next;
    svg.setAttribute("aria-label", `${chart.yLabel} over ${chart.xLabel}`);
    if (isListed) entries.forEach((entry, k) => { entry.curve = chart.curves[k]; });
    else list();
    if (isAsWide) draw();
    else resize();
    if (at !== null) read(at);
  };
};
