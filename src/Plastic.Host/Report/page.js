"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const content = document.getElementById("content");

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

  document.getElementById("title").textContent = data.title;
  document.getElementById("name").textContent = data.name;
  document.getElementById("summary").textContent = data.summary;
  document.getElementById("state").textContent = data.state;
  if (data.charts.length) make("p", content, "In the charts: hover or use the arrow keys for values; drag, or press + and −, to zoom; double-click or press Escape to reset; click a name to hide its curve.");
  data.charts.forEach(drawChart);
  data.tables.forEach(drawTable);
  if (data.answers.length) drawAnswers(data.answers);
  if (data.heats.length) drawHeat(data.heats, content);
  make("h2", content, "Settings that all runs share");
  const settings = make("div", content, undefined, "settings");
  data.settings.forEach(([key, text]) => {
    const row = make("div", settings);
    make("span", row, key);
    make("span", row, text);
  });
})();
