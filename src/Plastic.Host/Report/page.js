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

  const show = x => (x === null || x === undefined ? "–" : Math.abs(x) >= 1000 ? x.toLocaleString("en-US") : String(+x.toPrecision(4)));

  // All x of a chart in order, and each curve's values there.
  const columns = chart => {
    const xs = [...new Set(chart.curves.flatMap(curve => curve.x))].sort((a, b) => a - b);
    const at = new Map(xs.map((x, k) => [x, k]));
    const column = (curve, key) => {
      const values = new Array(xs.length).fill(null);
      curve.x.forEach((x, k) => { values[at.get(x)] = curve[key][k]; });
      return values;
    };
    return [xs, ...chart.curves.flatMap(curve => ["y", "low", "high"].map(key => column(curve, key)))];
  };

  // A curve and the edges of its band are switched on and off together.
  const drawChart = chart => {
    make("h2", content, chart.title);
    const place = make("div", content);
    const series = [{ label: chart.xLabel, value: (_, x) => show(x) }];
    const bands = [];
    chart.curves.forEach((curve, k) => {
      const first = 3 * k + 1;
      series.push({
        label: curve.label, stroke: curve.colour, width: 2, spanGaps: true,
        points: { show: chart.hasMarks }, dash: curve.dash, value: (_, y) => show(y),
      });
      for (const edge of ["low", "high"]) {
        series.push({ label: `${curve.label} ${edge}`, stroke: "transparent", spanGaps: true, points: { show: false } });
      }
      bands.push({ series: [first + 2, first + 1], fill: curve.colour + "33" });
    });
    const highs = skip => Math.max(...chart.curves.flatMap(curve => curve.high.slice(skip && curve.high.length > 1 ? 1 : 0)));
    const highest = chart.cutsStart && highs(false) > 2 * highs(true) ? highs(true) : highs(false);
    const top = chart.chance !== null && chart.chance < 1.5 * highest ? Math.max(highest, chart.chance) : highest;
    const level = {
      hooks: {
        draw: [u => {
          if (chart.chance === null || chart.chance > u.scales.y.max) return;
          const y = u.valToPos(chart.chance, "y", true);
          u.ctx.save();
          u.ctx.strokeStyle = u.ctx.fillStyle = "#808080";
          u.ctx.setLineDash([4, 4]);
          u.ctx.beginPath();
          u.ctx.moveTo(u.bbox.left, y);
          u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
          u.ctx.stroke();
          u.ctx.textAlign = "right";
          u.ctx.fillText("chance", u.bbox.left + u.bbox.width - 4, y - 4);
          u.ctx.restore();
        }],
      },
    };
    const plot = new uPlot({
      width: Math.min(1032, document.body.clientWidth - 48), height: 360, series, bands,
      plugins: [level],
      scales: { x: { time: false }, y: { range: (_, low) => [Math.min(0, low ?? 0), top * 1.05 || 1] } },
      axes: [{ label: chart.xLabel, values: (_, ticks) => ticks.map(show) }, { label: chart.yLabel, size: 64, values: (_, ticks) => ticks.map(show) }],
      hooks: {
        setSeries: [(u, k, options) => {
          if (k !== null && options.show !== undefined && k % 3 === 1) {
            for (const edge of [k + 1, k + 2]) if (u.series[edge].show !== options.show) u.setSeries(edge, { show: options.show });
          }
        }],
      },
    }, columns(chart), place);
    // The edges of the bands have no line of their own in the legend.
    plot.root.querySelectorAll(".u-legend .u-series").forEach((row, k) => { if (k > 0 && k % 3 !== 1) row.style.display = "none"; });
  };

  const drawTable = table => {
    make("h2", content, table.title);
    const element = make("table", content);
    table.rows.forEach((cells, r) => {
      const row = make("tr", element);
      cells.forEach((cell, c) => make(r === 0 ? "th" : "td", row, cell, c >= table.firstNumber ? "number" : ""));
    });
    make("p", content, table.note);
  };

  // Blue below zero, white at zero, red above.
  const colour = share => {
    const mix = (a, b) => a.map((x, k) => Math.round(x + (b[k] - x) * Math.abs(share)));
    return mix([247, 247, 247], share < 0 ? [33, 102, 172] : [178, 24, 43]);
  };

  const drawHeat = heats => {
    make("h2", content, "Fast weights of one episode");
    make("p", content, "F of the recurrent layer, or of the only one, after a step of the first test episode: rows are presynaptic units, columns postsynaptic ones (of an LSTM gate by gate).");
    const place = make("div", content, undefined, "heat");
    const canvas = make("canvas", place);
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
    const value = make("p", side);
    let timer = null;
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
    const read = event => {
      const heat = heats[choice.value];
      const box = canvas.getBoundingClientRect();
      const column = Math.min(heat.columns - 1, Math.floor((event.clientX - box.left) / box.width * heat.columns));
      const row = Math.min(heat.rows - 1, Math.floor((event.clientY - box.top) / box.height * heat.rows));
      value.textContent = `from unit ${row} to ${column}: ${show(bytes(heat, range.value - 1)[row * heat.columns + column] / 127 * heat.largest)}`;
    };
    canvas.addEventListener("mousemove", read);
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

  document.getElementById("name").textContent = data.name;
  document.getElementById("summary").textContent = data.summary;
  document.getElementById("state").textContent = data.state;
  data.charts.forEach(drawChart);
  data.tables.forEach(drawTable);
  if (data.heats.length) drawHeat(data.heats);
  make("h2", content, "Settings that all runs share");
  const settings = make("div", content, undefined, "settings");
  data.settings.forEach(([key, text]) => {
    const row = make("div", settings);
    make("span", row, key);
    make("span", row, text);
  });
})();
