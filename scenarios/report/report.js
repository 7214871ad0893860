"use strict";
// Draws the charts of the one data block and offers its files; the page is complete without it.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue("--" + name).trim() ||
                           style.getPropertyValue("--other").trim();

  const files = document.getElementById("files");
  for (const file of data.files) {
    const link = document.createElement("a");
    link.textContent = file.name;
    link.download = file.name;
    link.href = URL.createObjectURL(new Blob([file.text], {type: "text/plain"}));
    files.append(link, " ");
  }
  if (typeof Chart === "undefined") return;

  const usd = (v) => {
    const size = Math.abs(v);
    const [scale, suffix] = size >= 1e9 ? [1e9, "B"] : size >= 1e6 ? [1e6, "M"]
                          : size >= 1e3 ? [1e3, "k"] : [1, ""];
    return (v < 0 ? "-$" : "$") + Number((size / scale).toPrecision(3)) + suffix;
  };
  const date = (start, days, digits) =>
    new Date((start + days * 86400) * 1000).toISOString().slice(0, digits).replace("T", " ");
  // `span` is the width of the axis: within some days the hour matters.
  const text = (chart, axis, v, span = 0) => {
    switch (axis?.unit) {
      case "usd": return usd(v);
      case "date": return date(chart.start, v, span > 10 ? 10 : 16);
      case "days": return Number(v.toPrecision(3)) + "d";
      case "s": return Number(v.toPrecision(3)) + " s";
      case "GiB": return Number(v.toPrecision(3)) + " GiB";
      default: return String(Number(v.toPrecision(4)));
    }
  };
  const scale = (chart, axis, visible) => {
    const out = {stacked: !!chart.stacked, grid: {display: visible, color: colour("line")},
                 title: {display: !!axis?.title, text: axis?.title}, ticks: {}};
    if (axis && axis.unit !== "text") {
      out.type = "linear";
      out.ticks.callback = function (v) { return text(chart, axis, v, this.max - this.min); };
      out.ticks.maxTicksLimit = 8;
    }
    return out;
  };
  Chart.defaults.color = colour("ink");
  Chart.defaults.borderColor = colour("line");
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;

  const value = (item) => {
    const raw = item.raw;
    return Array.isArray(raw) ? raw[1] - raw[0] : item.chart.options.indexAxis === "y"
      ? item.parsed.x : item.parsed.y;
  };
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
    const chart = data.charts[Number(canvas.dataset.chart)];
    canvas.setAttribute("aria-label", chart.title + "; the same numbers stand in the table below");
    const bars = chart.data.labels?.length ?? 0;
    if (chart.horizontal) canvas.parentElement.style.height =
      (chart.stacked ? 240 : 60 + 24 * bars) + "px";
    for (const set of chart.data.datasets) {
      const colours = set.colours.map(colour);
      set.backgroundColor = colours.length > 1 ? colours : colours[0];
      set.borderColor = set.backgroundColor;
      if (chart.type === "line") Object.assign(set, {pointRadius: 0, borderWidth: 1});
      if (chart.type === "scatter") Object.assign(set, {showLine: set.line, pointRadius: 5});
    }
    const measured = chart.horizontal ? chart.x : chart.y;
    new Chart(canvas, {
      type: chart.type,
      data: chart.data,
      options: {
        indexAxis: chart.horizontal ? "y" : "x",
        interaction: chart.type === "line" ? {mode: "index", intersect: false} : {},
        plugins: {
          title: {display: true, text: chart.title, align: "start"},
          legend: {display: !!chart.legend, position: "bottom", labels: {boxWidth: 12}},
          tooltip: {callbacks: {
            title: (items) => chart.type === "bar" ? items[0].label
              : text(chart, chart.x, items[0].parsed.x),
            label: (item) => [item.raw.label ?? item.dataset.label,
                              text(chart, measured, value(item))].filter(Boolean).join(": "),
          }},
        },
        scales: chart.horizontal
          ? {x: scale(chart, chart.x, true), y: {stacked: !!chart.stacked, grid: {display: false},
                                                  ticks: {autoSkip: false}}}
          : {x: scale(chart, chart.x, false), y: scale(chart, chart.y, true)},
      },
    });
  }
})();
