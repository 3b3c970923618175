// Puts fresh content into a part of the page without taking anything from the person at work in it:
// renew(part, fresh) carries over what is half-typed, what is unfolded and where the focus is, and answers false, changing
// nothing, while that cannot be done: somebody is typing, is being asked, or the fresh part has no place for their words.
// mayLeave(part) says whether the whole page may be loaded anew.

const TEXT = "textarea, select, input:not([type=hidden], [type=checkbox], [type=radio])";

function isTouched(field) {
  if (field.matches("select")) {
    // Where the server chose none, the browser shows the first: nobody has touched that.
    const given = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
    return field.options[field.selectedIndex] !== given;
  }
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

// The same field, fold or button in another rendering of the part: found by what it is for, not by where it stands.
function sameIn(part, element) {
  if (element.dataset.key) return part.querySelector(`[data-key="${CSS.escape(element.dataset.key)}"]`);
  if (element.matches("details")) {
    const place = [...element.parentElement.children].indexOf(element);
    const parent = element.parentElement.className;
    return [...part.querySelectorAll("details")].find(
      (one) => one.parentElement.className === parent && one.parentElement.children[place] === one,
    );
  }
  const action = element.form?.getAttribute("action");
  return [...part.querySelectorAll("input, select, textarea, button")].find(
    (one) =>
      one.form?.getAttribute("action") === action &&
      one.name === element.name &&
      (!element.matches("button, [type=checkbox], [type=radio]") || one.value === element.value),
  );
}

const touchedIn = (part) => [...part.querySelectorAll("input:not([type=hidden]), select, textarea")].filter(isTouched);

function isAtWork(part) {
  const active = document.activeElement;
  return (part.contains(active) && active.matches(TEXT)) || part.querySelector("dialog[open], .ask") !== null;
}

export const mayLeave = (part) => !isAtWork(part) && touchedIn(part).length === 0;

export function renew(part, fresh) {
  if (isAtWork(part)) return false;
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  const touched = touchedIn(part).map((field) => [field, sameIn(fresh, field)]);
  if (touched.some(([, place]) => !place)) return false;
  const unfolded = [...part.querySelectorAll("details[open]")].map((fold) => sameIn(fresh, fold));
  const focus = active?.matches("button, summary, input") ? sameIn(fresh, active.closest("details, button, input")) : null;

  for (const [field, place] of touched) {
    if (field.matches("[type=checkbox], [type=radio]")) place.checked = field.checked;
    else place.value = field.value;
  }
  for (const fold of unfolded) if (fold) fold.open = true;
  part.replaceChildren(...fresh.childNodes);
  (focus?.matches("details") ? focus.querySelector("summary") : focus)?.focus({ preventScroll: true });
  return true;
}
