// Small conveniences; every page is complete without them. Keys: "g" then a letter goes to a page; js/palette.js has more.
(() => {
  const typing = (target) => /input|textarea|select/i.test(target.tagName) || target.isContentEditable;
  let waitingForLetter = false;
  // The chosen tab is in sight where the tabs do not fit.
  const chosen = document.querySelector(".tabs .on");
  if (chosen) chosen.parentElement.scrollLeft = chosen.offsetLeft + chosen.offsetWidth / 2 - innerWidth / 2;
  document.addEventListener("keydown", (event) => {
    const combined = event.metaKey || event.ctrlKey;
    if (typing(event.target) || combined || event.altKey) return;
    if (waitingForLetter) document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
    waitingForLetter = event.key === "g" && !waitingForLetter;
  });
  // Lists that drop down from a button close with Escape and when something else is clicked.
  const dropped = ".drop[open], .days details[open]";
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const list of document.querySelectorAll(dropped)) {
      list.open = false;
      if (list.contains(document.activeElement)) list.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const list of document.querySelectorAll(dropped)) if (!list.contains(event.target)) list.open = false;
    if (event.target.closest("[data-print]")) print();
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
  // data-copy="text" puts that text into the clipboard. Such buttons are hidden where there is no clipboard.
  const heard = document.createElement("p");
  heard.className = "vh";
  heard.setAttribute("role", "status");
  document.body.append(heard);
  const copy = async (button) => {
    const label = button.querySelector("[data-copy-label]");
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      said = "Not copied: the browser refused";
    }
    heard.textContent = said;
    if (!label || button.dataset.copied) return;
    const before = label.textContent;
    button.dataset.copied = label.textContent = said;
    setTimeout(() => {
      label.textContent = before;
      heard.textContent = "";
      delete button.dataset.copied;
    }, 2000);
  };
  const offerCopying = () => {
    if (navigator.clipboard) for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  };
  offerCopying();
  document.addEventListener("htmx:afterSwap", offerCopying);
  // A select that stands for a link list submits its form on change.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
})();
