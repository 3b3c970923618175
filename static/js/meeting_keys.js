// The chair's keyboard. Enter does the next step; a letter only leads to its act, where Enter does it, so that a stray
// key decides nothing; 1, 2, 3 note the answers of a roll call. `?` shows the list, where the letters can be switched off.

const root = document.querySelector("[data-keys]");
const OFF = "chair-letters-off";

function isTyping(target) {
  return Boolean(target.matches?.("input, textarea, select"));
}

function doNext() {
  const form = root.querySelector("[data-next]");
  const field = form?.querySelector("input:not([type=hidden]), textarea, select");
  const button = form?.querySelector("button:not([disabled])");
  if (button && field?.required && !field.value) field.focus();
  else button?.click();
  return Boolean(button);
}

function leadTo(letter) {
  const places = [...root.querySelectorAll(`[data-key="${CSS.escape(letter)}"]`)];
  const place = places.find((one) => !one.closest(".chair__blocked")) ?? places[0];
  if (!place) return false;
  const fold = place.closest("details");
  if (fold) fold.open = true;
  const first = place.matches(".chair__blocked > *")
    ? place
    : place.querySelector("input:not([type=hidden]), textarea, select, button:not([disabled])");
  first?.focus();
  place.scrollIntoView({ block: "nearest" });
  return true;
}

if (root) {
  const list = () => root.querySelector("[data-keys-list]");
  const areOn = () => window.localStorage.getItem(OFF) === null;

  function show() {
    list().querySelector("[data-keys-on]").checked = areOn();
    list().showModal();
  }

  root.dataset.keys = "ready";
  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-open]")) show();
  });
  root.addEventListener("change", (event) => {
    if (!event.target.matches("[data-keys-on]")) return;
    if (event.target.checked) window.localStorage.removeItem(OFF);
    else window.localStorage.setItem(OFF, "1");
  });

  function done(event) {
    if (event.altKey) return event.code === "KeyN" && doNext();
    if (isTyping(event.target) || list().open) return false;
    if (event.key === "Enter") return event.target === document.body && doNext();
    if (!areOn()) return false;
    if (event.key === "?") {
      show();
      return true;
    }
    const answer = root.querySelector(`[data-answer="${CSS.escape(event.key)}"]`);
    if (answer) answer.click();
    return Boolean(answer) || leadTo(event.key.toLowerCase());
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.repeat || event.isComposing) return;
    if (done(event)) event.preventDefault();
  });
}
