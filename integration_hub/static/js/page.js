// Small conveniences; every page is complete without them. Keys: "g" then a letter goes to a page; js/palette.js has more.
(() => {
  const typing = (target) => /input|textarea|select/i.test(target.tagName) || target.isContentEditable;
  let waitingForLetter = false;
  document.addEventListener("keydown", (event) => {
    const combined = event.metaKey || event.ctrlKey;
    if (typing(event.target) || combined || event.altKey) return;
    if (waitingForLetter) document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
    waitingForLetter = event.key === "g" && !waitingForLetter;
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });
  // A select that stands for a link list submits its form on change.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
})();
