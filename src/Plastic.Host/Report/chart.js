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

// Round values, 1, 2 or 5 times a power of ten apart, with their texts: four to ten of them between two values.
const ticksOf = ([low, high]) => {
  const power = 10 ** Math.floor(Math.log10((high - low) / 4));
  const spacing = [5 * power, 2 * power].find(step => (high - low) / step >= 4) ?? power;
  const decimals = Math.max(0, -Math.floor(Math.log10(spacing) + 1e-9));
  const ticks = [];
  // Adding 0 makes a zero of -0.
  for (let k = Math.ceil(low / spacing - 1e-9) + 0; k * spacing <= high + 1e-9 * spacing; k++) {
    ticks.push([k * spacing, (k * spacing).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })]);
  }
  return ticks;
};

// A line chart with bands. The legend shows the values below the pointer and switches curves off and on; dragging over a
// stretch of x magnifies it, a double click shows all again.
const lineChart = (chart, place) => {
  const size = { width: 1032, height: 360 }, area = { left: 64, right: 968, top: 10, bottom: 312 };
  const width = area.right - area.left, height = area.bottom - area.top;
  const svg = shape("svg", place, { viewBox: `0 0 ${size.width} ${size.height}`, class: "chart", role: "img", "aria-label": `${chart.yLabel} over ${chart.xLabel}` });
  const picture = shape("g", svg, {});
  const pointer = shape("g", svg, { "pointer-events": "none" });
  const shown = new Set(chart.curves);
  let zoom = null, xRange, yRange, dragFrom = null;

  const xAt = value => area.left + (value - xRange[0]) / (xRange[1] - xRange[0]) * width;
  const yAt = value => area.bottom - (value - yRange[0]) / (yRange[1] - yRange[0]) * height;
  const valueAt = x => xRange[0] + (x - area.left) / width * (xRange[1] - xRange[0]);
  const within = x => x >= xRange[0] && x <= xRange[1];

  // The whole figure's heights while it is shown as a whole, otherwise those of what is seen.
  const fit = () => {
    xRange = zoom ?? chart.xRange;
    yRange = chart.yRange;
    if (!zoom && shown.size === chart.curves.length) return;
    const seen = [...shown].flatMap(curve => curve.x.map((x, k) => [x, curve.low[k], curve.high[k]])).filter(([x]) => within(x));
    if (seen.length === 0) return;
    const low = Math.min(0, ...seen.map(point => point[1])), high = Math.max(...seen.map(point => point[2]));
    if (high > low) yRange = [low - 0.04 * (high - low), high + 0.04 * (high - low)];
  };

  const path = points => `M${points.map(([x, y]) => `${xAt(x).toFixed(1)} ${yAt(y).toFixed(1)}`).join("L")}`;

  const drawCurve = (parent, curve) => {
    const points = key => curve.x.map((x, k) => [x, curve[key][k]]);
    if (curve.hasBand) {
      shape("path", parent, { d: `${path([...points("high"), ...points("low").reverse()])}Z`, fill: curve.colour, "fill-opacity": 0.2 });
    }
    shape("path", parent, {
      d: path(points("y")), fill: "none", stroke: curve.colour, "stroke-width": 2, "stroke-linejoin": "round",
      "stroke-dasharray": curve.dash.map(length => 2 * length).join(" "),
    });
    if (chart.hasMarks || curve.x.length === 1) {
      points("y").forEach(([x, y]) => shape("circle", parent, { cx: xAt(x), cy: yAt(y), r: 4, fill: curve.colour }));
    }
  };

  const draw = () => {
    fit();
    picture.replaceChildren();
    pointer.replaceChildren();
    for (const [at, text] of ticksOf(yRange)) {
      shape("path", picture, { d: `M${area.left} ${yAt(at)}H${area.right}`, class: "grid" });
      shape("text", picture, { x: area.left - 8, y: yAt(at) + 4, "text-anchor": "end" }, text);
    }
    for (const [at, text] of ticksOf(xRange)) {
      shape("path", picture, { d: `M${xAt(at)} ${area.bottom}v5`, class: "axis" });
      shape("text", picture, { x: xAt(at), y: area.bottom + 19, "text-anchor": "middle" }, text);
    }
    // A drawing within the drawing, which cuts off what lies outside.
    const inside = shape("svg", picture, {
      x: area.left, y: area.top, width, height, viewBox: `${area.left} ${area.top} ${width} ${height}`,
    });
    for (const level of chart.levels.filter(({ at }) => at >= yRange[0] && at <= yRange[1])) {
      shape("path", picture, { d: `M${area.left} ${yAt(level.at)}H${area.right}`, class: "level" });
      shape("text", picture, { x: area.right + 6, y: yAt(level.at) + 4, class: "soft" }, level.name);
    }
    for (const curve of chart.curves.filter(curve => shown.has(curve))) drawCurve(inside, curve);
    shape("path", picture, { d: `M${area.left} ${area.top}V${area.bottom}H${area.right}`, class: "axis" });
    shape("text", picture, { x: (area.left + area.right) / 2, y: size.height - 8, "text-anchor": "middle" }, chart.xLabel);
  };

  const legend = document.createElement("div");
  legend.className = "legend";
  place.append(legend);
  const xText = document.createElement("output");
  const entries = chart.curves.map(curve => {
    const button = document.createElement("button");
    button.setAttribute("aria-pressed", "true");
    const sample = shape("svg", button, { width: 28, height: 8 });
    shape("path", sample, {
      d: "M0 4H28", stroke: curve.colour, "stroke-width": 2, "stroke-dasharray": curve.dash.map(length => 2 * length).join(" "),
    });
    button.append(curve.label);
    const value = document.createElement("output");
    button.append(value);
    button.addEventListener("click", () => {
      if (!shown.delete(curve)) shown.add(curve);
      button.setAttribute("aria-pressed", String(shown.has(curve)));
      draw();
    });
    legend.append(button);
    return { curve, value };
  });
  legend.append(xText);

  // The pointer's place in the drawing's own units.
  const placeOf = event => {
    const box = svg.getBoundingClientRect();
    return Math.min(area.right, Math.max(area.left, (event.clientX - box.left) / box.width * size.width));
  };

  const read = x => {
    const xs = [...shown].flatMap(curve => curve.x).filter(within);
    if (xs.length === 0) return;
    const nearest = xs.reduce((best, value) => (Math.abs(value - x) < Math.abs(best - x) ? value : best));
    shape("path", pointer, { d: `M${xAt(nearest)} ${area.top}V${area.bottom}`, class: "pointer" });
    xText.textContent = `${chart.xLabel} ${show(nearest)}`;
    for (const { curve, value } of entries) {
      const k = shown.has(curve) ? curve.x.indexOf(nearest) : -1;
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
    pointer.replaceChildren();
    if (dragFrom !== null) {
      shape("rect", pointer, { x: Math.min(at, dragFrom), y: area.top, width: Math.abs(at - dragFrom), height, class: "selection" });
    }
    read(valueAt(at));
  });
  svg.addEventListener("pointerup", event => {
    if (dragFrom === null) return;
    const ends = [valueAt(dragFrom), valueAt(placeOf(event))].sort((a, b) => a - b);
    // Less than a few pixels is a click.
    if (Math.abs(placeOf(event) - dragFrom) > 8) {
      zoom = ends;
      draw();
    }
    dragFrom = null;
  });
  svg.addEventListener("pointercancel", () => { dragFrom = null; });
  svg.addEventListener("pointerleave", () => {
    pointer.replaceChildren();
    xText.textContent = "";
    for (const { value } of entries) value.textContent = "";
  });
  svg.addEventListener("dblclick", () => {
    zoom = null;
    draw();
  });
  draw();
};
