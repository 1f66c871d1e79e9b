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

  const themed = (figure) => {
    for (const trace of figure.data) {
      const colour = trace.meta && css(trace.meta.property);
      if (!colour) continue;
      trace.marker.color = colour;
      if (trace.line) trace.line.color = colour;
    }
    const ink = css("--ink-2");
    const line = css("--line");
    const layout = { ...figure.layout, template: undefined, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" };
    layout.font = { family: getComputedStyle(document.body).fontFamily, size: 12, color: ink };
    for (const key of Object.keys(layout)) {
      if (/^[xy]axis/.test(key)) layout[key] = { ...layout[key], gridcolor: line, linecolor: line };
    }
    return { data: figure.data, layout };
  };

  // The rows of what was clicked: every point carries its address.
  const open = (event) => {
    const [point] = event.points;
    if (point && point.customdata) window.location.assign(point.customdata);
  };

  // The picture has the page's background, because a transparent one is unreadable elsewhere.
  const save = (box) => {
    const background = css("--surface");
    const { data, layout } = box;
    window.Plotly.downloadImage(
      { data, layout: { ...layout, paper_bgcolor: background, plot_bgcolor: background } },
      { format: "png", scale: 2, width: box.clientWidth, height: box.clientHeight, filename: box.dataset.name || "chart" },
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

  const draw = async (box) => {
    try {
      const answer = await fetch(box.dataset.chart, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const { data, layout } = themed(await answer.json());
      const first = !box.dataset.drawn;
      if (first) box.replaceChildren();
      await window.Plotly.react(box, data, layout, { responsive: true, displaylogo: false, displayModeBar: false });
      box.dataset.drawn = "true";
      if (first) {
        box.on("plotly_click", open);
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
