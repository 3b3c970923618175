// <button type="button" data-copy="text" data-done="已复制" hidden>: shown only where copying works.

import { say } from "./live_region.js";

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const word = [...(button.querySelector("span") ?? button).childNodes].findLast((node) => node.nodeType === Node.TEXT_NODE);
    if (word.textContent === button.dataset.done) return;
    const before = word.textContent;
    word.textContent = button.dataset.done;
    say(button.dataset.done);
    window.setTimeout(() => {
      word.textContent = before;
    }, 3000);
  });
}
