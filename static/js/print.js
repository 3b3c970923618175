// <button type="button" data-print hidden>: prints the page; shown only where there is JavaScript.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
