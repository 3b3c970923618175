// Says a sentence to people who listen to the page: politely, once.

const region = document.querySelector("[data-live]");

export function say(sentence) {
  if (!region) return;
  region.textContent = "";
  window.setTimeout(() => {
    region.textContent = sentence;
  }, 50);
}
