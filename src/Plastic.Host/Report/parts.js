"use strict";

// An element of the page; texts are never read as HTML.
const make = (tag, parent, text, type) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (type) element.className = type;
  parent.appendChild(element);
  return element;
};

// Blue below zero, white at zero, red above.
const colour = share => {
  const mix = (a, b) => a.map((x, k) => Math.round(x + (b[k] - x) * Math.abs(share)));
  return mix([247, 247, 247], share < 0 ? [33, 102, 172] : [178, 24, 43]);
};

// The fast weights of networks, one of which is chosen, after one of their steps.
const drawHeat = (heats, content) => {
  make("h2", content, "Fast weights of one episode");
  make("p", content, "F of the recurrent layer (or of the only layer) after a step of the first test episode. Rows are presynaptic units, columns are postsynaptic units, grouped by gate for an LSTM.");
  const place = make("div", content, undefined, "heat");
  const canvas = make("canvas", place);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "fast weights; arrows move to a connection");
  const side = make("div", place);
  const label = make("label", side, "network ");
  const choice = make("select", label);
  label.hidden = heats.length === 1;
  heats.forEach((heat, k) => { make("option", choice, heat.title).value = k; });
  const slider = make("label", side, "step ");
  const range = Object.assign(make("input", slider), { type: "range", min: 1, value: 1 });
  const step = make("output", slider);
  const play = make("button", side, "play");
  const bar = make("div", side, undefined, "bar");
  const low = make("span", bar);
  make("i", bar);
  const high = make("span", bar);
  const value = make("output", make("p", side));
  let timer = null, at = [0, 0];
  const bytes = (heat, k) => Int8Array.from(atob(heat.steps[k]), letter => letter.charCodeAt(0));

  const paint = () => {
    const heat = heats[choice.value];
    range.max = heat.steps.length;
    const values = bytes(heat, range.value - 1);
    canvas.width = heat.columns;
    canvas.height = heat.rows;
    const image = new ImageData(heat.columns, heat.rows);
    values.forEach((x, k) => { image.data.set([...colour(x / 127), 255], 4 * k); });
    canvas.getContext("2d").putImageData(image, 0, 0);
    step.textContent = ` ${heat.at[range.value - 1]} of ${heat.at[heat.at.length - 1]}`;
    low.textContent = show(-heat.largest);
    high.textContent = show(heat.largest);
  };
  const read = (row, column) => {
    const heat = heats[choice.value];
    at = [Math.max(0, Math.min(heat.rows - 1, row)), Math.max(0, Math.min(heat.columns - 1, column))];
    [row, column] = at;
    value.textContent = `from unit ${row} to ${column}: ${show(bytes(heat, range.value - 1)[row * heat.columns + column] / 127 * heat.largest)}`;
  };
  canvas.addEventListener("mousemove", event => {
    const heat = heats[choice.value];
    const box = canvas.getBoundingClientRect();
    read(Math.floor((event.clientY - box.top) / box.height * heat.rows), Math.floor((event.clientX - box.left) / box.width * heat.columns));
  });
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  canvas.addEventListener("keydown", event => {
    if (!moves[event.key]) return;
    event.preventDefault();
    read(at[0] + moves[event.key][0], at[1] + moves[event.key][1]);
  });
  range.addEventListener("input", paint);
  choice.addEventListener("change", () => { paint(); range.value = heats[choice.value].steps.length; paint(); });
  play.addEventListener("click", () => {
    if (timer) {
      clearInterval(timer);
      timer = null;
      play.textContent = "play";
      return;
    }
    play.textContent = "stop";
    timer = setInterval(() => { range.value = +range.value >= +range.max ? 1 : +range.value + 1; paint(); }, 300);
  });
  range.value = heats[0].steps.length;
  paint();
  range.value = heats[0].steps.length;
  paint();
};
