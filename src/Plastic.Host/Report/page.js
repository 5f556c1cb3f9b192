"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const content = document.getElementById("content");

  const make = (tag, parent, text, type) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (type) element.className = type;
    parent.appendChild(element);
    return element;
  };

  const drawChart = chart => {
    make("h2", content, chart.title);
    const head = make("div", content, undefined, "head");
    make("span", head, chart.yLabel);
    const side = make("span", head, `${chart.note} `, "soft");
    const log = make("button", side, "log scale", "toggle");
    log.setAttribute("aria-pressed", "false");
    lineChart(chart, make("div", content), log);
    if (chart.caption) make("p", content, chart.caption);
  };

  const drawTable = table => {
    make("h2", content, table.title);
    const frame = make("div", content, undefined, "scroll");
    // What can scroll must be reached by the keyboard too.
    frame.tabIndex = 0;
    const element = make("table", frame);
    table.rows.forEach((cells, r) => {
      const row = make("tr", element);
      cells.forEach((cell, c) => make(r === 0 ? "th" : "td", row, cell, c >= table.firstNumber ? "number" : ""));
    });
    make("p", content, table.note);
  };

  const letter = label => "ABCDE"[label];
  const percent = share => `${(100 * share).toFixed(0)} %`;

  const drawStep = (place, step, largest) => {
    const figure = make("figure", place);
    const image = make("img", figure);
    image.src = `data:image/png;base64,${data.images[step.image]}`;
    const caption = make("figcaption", figure);
    if (step.answer === undefined) {
      image.alt = `${step.class}, shown as ${letter(step.label)}`;
      make("b", caption, letter(step.label));
    } else {
      const isRight = step.answer === step.label;
      image.alt = `${step.class}, which is ${letter(step.label)}, answered ${isRight ? "right" : "wrong"}`;
      make("span", caption, `is ${letter(step.label)}`);
      make("br", caption);
      make("b", caption, `${isRight ? "✓" : "✗"} ${letter(step.answer)}`, isRight ? "right" : "wrong");
      make("span", caption, ` ${percent(step.probability)}`);
    }
    if (step.eta === undefined) return;
    make("div", figure, `η ${+step.eta.toPrecision(3)}`, "soft");
    make("i", figure).style.width = `${Math.min(100, 100 * Math.abs(step.eta) / largest)}%`;
  };

  const drawAnswers = networks => {
    make("h2", content, "Answers in the first test episodes");
    make("p", content, "Each network sees five images, each with its label, one after the other, then five others that it has to name; the order of the steps is that of the images. ✓ or ✗: the network's likeliest label is right or wrong; beside it, its probability. The accuracy counts the first of the five questions. η, with a bar: the inner learning rate of the step before clipping, where the network has one.");
    const choice = make("select", make("label", content, "network "));
    networks.forEach((network, k) => { make("option", choice, network.title).value = k; });
    const place = make("div", content);
    const paint = () => {
      place.replaceChildren();
      networks[choice.value].episodes.forEach((steps, k) => {
        make("h3", place, `Episode ${k + 1}`);
        const row = make("div", place, undefined, "episode");
        const largest = Math.max(1e-12, ...steps.map(step => Math.abs(step.eta ?? 0)));
        const half = steps.length / 2;
        for (const [name, part] of [["shown", steps.slice(0, half)], ["asked", steps.slice(half)]]) {
          const group = make("div", row);
          group.setAttribute("role", "group");
          group.setAttribute("aria-label", `episode ${k + 1}, ${name}`);
          make("p", group, name);
          const images = make("div", group, undefined, "images");
          part.forEach(step => drawStep(images, step, largest));
        }
      });
    };
    choice.addEventListener("change", paint);
    choice.value = 0;
    paint();
  };

  // Blue below zero, white at zero, red above.
  const colour = share => {
    const mix = (a, b) => a.map((x, k) => Math.round(x + (b[k] - x) * Math.abs(share)));
    return mix([247, 247, 247], share < 0 ? [33, 102, 172] : [178, 24, 43]);
  };

  const drawHeat = heats => {
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

  document.getElementById("title").textContent = data.title;
  document.getElementById("name").textContent = data.name;
  document.getElementById("summary").textContent = data.summary;
  document.getElementById("state").textContent = data.state;
  if (data.charts.length) make("p", content, "In the charts: hover or use the arrow keys for values; drag, or press + and −, to zoom; double-click or press Escape to reset; click a name to hide its curve.");
  data.charts.forEach(drawChart);
  data.tables.forEach(drawTable);
  if (data.answers.length) drawAnswers(data.answers);
  if (data.heats.length) drawHeat(data.heats);
  make("h2", content, "Settings that all runs share");
  const settings = make("div", content, undefined, "settings");
  data.settings.forEach(([key, text]) => {
    const row = make("div", settings);
    make("span", row, key);
    make("span", row, text);
  });
})();
