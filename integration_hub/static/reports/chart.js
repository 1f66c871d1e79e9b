// Draws Plotly figures served as JSON into [data-chart] boxes, in the colours of the reader's theme.
(() => {
  "use strict";
  // The colour that a custom property has now, resolved by the browser (it may be written with light-dark()).
  const css = (name) => {
    const probe = document.createElement("span");
    probe.hidden = true;
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  };

  const place = (trace, path, colour) => {
    const target = path.split(".").reduce((inner, key) => (inner[key] ??= {}), trace);
    target.color = colour;
  };

  // A mixture of two colours as the browser resolves them: "rgb(…)".
  const mixed = (one, other, share) => {
    const [a, b] = [one, other].map((colour) => colour.match(/[\d.]+/g).map(Number));
    return `rgb(${[0, 1, 2].map((at) => Math.round(a[at] * share + b[at] * (1 - share))).join(", ")})`;
  };

  // Names never lie on top of each other: where a name is wider than its place, all stand slanted and long ones are cut
  // short; the hover has them whole. Beside the fields of a heat map they break into lines.
  const NARROW = 480;
  const LETTER = 6;
  const EDGES = 90;
  const LONGEST = 18;
  const LONGEST_OF_HEAT = 40;
  const shortened = (name, most) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);
  const broken = (name) => name.replace(/(.{8,}?),? /g, "$1<br>");
  const slanted = (axis, names, most) => ({ ...axis, tickvals: names, ticktext: names.map((name) => shortened(name, most)), tickangle: -45, tickfont: { size: 10 } });
  const fitted = (layout, trace, box) => {
    const axis = layout.xaxis;
    if (axis.type !== "category" || !trace) return;
    const heat = trace.type === "heatmap";
    // What differs in names of segments often stands at their end.
    const most = heat && box.clientWidth >= NARROW ? LONGEST_OF_HEAT : LONGEST;
    const names = axis.tickvals || [...new Set(trace.x)];
    const lines = (axis.ticktext || names).flatMap((name) => name.split("<br>"));
    const widest = Math.max(...lines.map((line) => line.length)) * LETTER;
    const edges = heat ? EDGES + Math.min(LONGEST, Math.max(...trace.y.map((name) => name.length))) * LETTER : EDGES;
    if (names.length * 12 < box.clientWidth && widest > (box.clientWidth - edges) / names.length) {
      layout.xaxis = slanted(axis, names, most);
      layout.height += Math.min(most, widest / LETTER) * 4;
    }
    if (heat && box.clientWidth < NARROW) {
      layout.yaxis = { ...layout.yaxis, tickvals: trace.y, ticktext: trace.y.map(broken), tickfont: { size: 10 } };
    }
  };

  const themed = (figure, box) => {
    const surface = css("--surface");
    for (const trace of figure.data) {
      const { colours = {}, scale } = trace.meta || {};
      for (const [path, token] of Object.entries(colours)) place(trace, path, css(token));
      if (scale) trace.colorscale = [0, 1].map((end) => [end, mixed(css(scale), surface, end ? 0.9 : 0.06)]);
    }
    const ink = css("--ink-2");
    const line = css("--grid");
    const clear = "rgba(0,0,0,0)";
    const layout = { ...figure.layout, template: undefined, paper_bgcolor: clear, plot_bgcolor: clear };
    layout.font = { family: getComputedStyle(document.body).fontFamily, size: 12, color: ink };
    layout.hoverlabel = { bgcolor: css("--ink"), bordercolor: css("--ink"), font: { color: surface, size: 13 }, align: "left" };
    for (const key of Object.keys(layout)) {
      if (/^[xy]axis/.test(key)) layout[key] = { ...layout[key], gridcolor: line, linecolor: line, zerolinecolor: css("--line-2") };
    }
    fitted(layout, figure.data[0], box);
    const { dtick } = layout.xaxis;
    if (box.clientWidth < NARROW && dtick) layout.xaxis.dtick = `M${2 * Number(dtick.slice(1))}`;
    if (box.clientWidth < NARROW && layout.xaxis.nticks) layout.xaxis.nticks = Math.ceil(layout.xaxis.nticks / 2);
    return { data: figure.data, layout };
  };

  // The rows of what was clicked: every point carries its address.
  const open = (event) => {
    const [point] = event.points;
    const address = point && point.customdata;
    if (address) window.location.assign(address);
  };

  // The picture has the page's background, because a transparent one is unreadable elsewhere, and says what it shows.
  const TITLE = 64;
  const save = (box) => {
    const background = css("--surface");
    const { data, layout } = box;
    const { title, about, name } = box.dataset;
    // Plain text: plotly writes style attributes for tags, which the content security policy refuses.
    const heading = { text: title, subtitle: { text: about, font: { size: 11, color: css("--ink-2") } }, x: 0, xref: "container", xanchor: "left", pad: { l: 16, t: 14 }, y: 1, yanchor: "top", font: { size: 15, weight: 600, color: css("--ink") } };
    const margin = { ...layout.margin, t: layout.margin.t + TITLE + (layout.showlegend ? 24 : 0) };
    window.Plotly.downloadImage(
      { data, layout: { ...layout, title: heading, margin, paper_bgcolor: background, plot_bgcolor: background } },
      { format: "png", scale: 2, width: Math.max(box.clientWidth, 720), height: box.clientHeight + TITLE, filename: name || "chart" },
    );
  };

  const addButton = (box) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn chart-png";
    button.textContent = "Download PNG";
    button.addEventListener("click", () => save(box));
    box.after(button);
  };

  // A heat map of very many names would be a smear on a phone.
  const FIELD = 18;
  const tooNarrow = (trace, box) => trace && trace.type === "heatmap" && new Set(trace.x).size * FIELD > box.clientWidth;

  const draw = async (box) => {
    try {
      const answer = await fetch(box.dataset.chart, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const { data, layout } = themed(await answer.json(), box);
      if (tooNarrow(data[0], box)) {
        box.textContent = "It is too large for this screen. The table has the same figures.";
        box.classList.add("figure-note");
        return;
      }
      const first = !box.dataset.drawn;
      if (first) box.replaceChildren();
      await window.Plotly.react(box, data, layout, { responsive: true, displaylogo: false, displayModeBar: false });
      box.dataset.drawn = "true";
      if (first) {
        box.on("plotly_click", open);
        box.on("plotly_hover", ({ points }) => box.classList.toggle("leads", Boolean(points[0] && points[0].customdata)));
        box.on("plotly_unhover", () => box.classList.remove("leads"));
        addButton(box);
      }
    } catch (error) {
      box.textContent = "The chart could not be drawn. The table has the same figures.";
      console.error(error);
    }
  };

  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);
  window.addEventListener("DOMContentLoaded", drawAll);
  new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
