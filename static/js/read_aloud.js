// <button data-read-aloud="#main" hidden>: reads the text of a part of the page, sentence by sentence.

const speech = window.speechSynthesis;

function sentences(root) {
  const clone = root.cloneNode(true);
  for (const part of clone.querySelectorAll("[hidden], [aria-hidden=true], nav, form, script, style, [data-silent]")) part.remove();
  for (const block of clone.querySelectorAll("p, li, h1, h2, h3, h4, dt, dd, td, th, legend, label")) block.append("\n");
  return clone.textContent
    .split(/[\n。！？!?；;]+/u)
    .map((text) => text.replace(/\s+/gu, " ").trim())
    .filter(Boolean);
}

function bind(button) {
  const word = button.querySelector("[data-read-aloud-word]") ?? button;
  const idle = word.textContent;
  const stop = () => {
    speech.cancel();
    word.textContent = idle;
    button.removeAttribute("aria-pressed");
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-pressed") === "true") {
      stop();
      return;
    }
    const root = document.querySelector(button.dataset.readAloud);
    if (!root) return;
    speech.cancel();
    const texts = sentences(root);
    texts.forEach((text, index) => {
      const utterance = new SpeechSynthesisUtterance(text);
      utterance.lang = document.documentElement.lang;
      utterance.rate = document.documentElement.hasAttribute("data-large") ? 0.85 : 1;
      if (index === texts.length - 1) utterance.addEventListener("end", stop);
      speech.speak(utterance);
    });
    word.textContent = word.dataset.stop ?? idle;
    button.setAttribute("aria-pressed", "true");
  });
  window.addEventListener("pagehide", () => speech.cancel());
}

if (speech && "SpeechSynthesisUtterance" in window) {
  for (const button of document.querySelectorAll("[data-read-aloud]")) bind(button);
}
