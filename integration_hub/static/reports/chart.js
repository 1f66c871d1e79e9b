// Draws Plotly figures served as JSON into [data-figure] boxes, in the colours of the reader's theme.
(() => {
  "use strict";
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const themed = (figure) => {
    for (const trace of figure.data) {
      const colour = trace.meta && css(trace.meta.property);
      if (colour) trace.marker.color = colour;
    }
    const ink = css("--ink-2") || css("--ink") || "#474c52";
    const line = css("--line") || "#e6e4df";
    const layout = { ...figure.layout, template: undefined, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" };
    layout.font = { family: getComputedStyle(document.body).fontFamily, size: 12, color: ink };
    for (const key of Object.keys(layout)) {
      if (/^[xy]axis/.test(key)) layout[key] = { ...layout[key], gridcolor: line, linecolor: line };
    }
    return { data: figure.data, layout };
  };

  const draw = async (box) => {
    try {
      const answer = await fetch(box.dataset.figure, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const { data, layout } = themed(await answer.json());
      await window.Plotly.react(box, data, layout, { responsive: true, displaylogo: false, displayModeBar: false });
      box.dataset.drawn = "true";
    } catch (error) {
      box.textContent = "The chart could not be drawn. The table below has the same figures.";
      console.error(error);
    }
  };

  const drawAll = () => document.querySelectorAll("[data-figure]").forEach(draw);
  window.addEventListener("DOMContentLoaded", drawAll);
  new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
