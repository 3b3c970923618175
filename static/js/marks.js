// What is marked on a ballot paper: as the vote it means, in words, and what is wrong with it. The same rules as the
// server's (voting/methods.py); the server has the last word.

// 反对 and 弃权 take the place of all other marks of an item: whichever was marked last stands.
document.addEventListener("input", ({ target }) => {
  const paper = target.closest("[data-choice]");
  const plain = paper ? [...paper.querySelectorAll('input[name$="-plain"]')] : [];
  if (!plain.length) return;
  if (plain.includes(target)) for (const field of own(paper)) unmark(field);
  else for (const field of plain) unmark(field);
});

function own(paper) {
  return [...paper.querySelectorAll("input[type=checkbox], input[data-key]")];
}

export function unmark(field) {
  if (field.type === "radio" || field.type === "checkbox") field.checked = false;
  else field.value = "";
}

function given(paper) {
  return [...paper.querySelectorAll("input[data-key]")].filter((field) => field.value !== "" || field.validity.badInput);
}

function inOrder(fields) {
  return [...fields].sort((a, b) => a.value - b.value);
}

// A key, a list of keys, or points by key; empty where nothing is marked.
export function choiceOf(paper) {
  const plain = paper.querySelector('input[name$="-plain"]:checked');
  if (plain) return plain.value;
  if ("several" in paper.dataset) {
    return [...paper.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value);
  }
  if (paper.dataset.numbered === "ranking") return inOrder(given(paper)).map((field) => field.dataset.key);
  if (paper.dataset.numbered) {
    return Object.fromEntries(given(paper).map((field) => [field.dataset.key, Number(field.value)]));
  }
  return paper.querySelector("input:checked")?.value ?? "";
}

export function isMarked(paper) {
  const choice = choiceOf(paper);
  return (typeof choice === "string" ? choice : Object.keys(choice)).length > 0;
}

// Whether the marks keep to the form of the item: how many, which numbers, how much together.
export function isInForm(paper) {
  const { least = 1, most = Infinity, lowest = 0, highest = Infinity, total = Infinity } = paper.dataset;
  if (paper.querySelector('input[name$="-plain"]:checked')) return true;
  const numbers = given(paper).map((field) => (field.validity.badInput ? NaN : Number(field.value)));
  const count = "several" in paper.dataset ? choiceOf(paper).length : numbers.length;
  if (!paper.dataset.numbered) return !("several" in paper.dataset) || (count >= least && count <= most);
  const isEachRight = numbers.every((number) => Number.isInteger(number) && number >= lowest && number <= highest);
  if (paper.dataset.numbered === "ranking") {
    return isEachRight && count >= least && count <= most && new Set(numbers).size === count;
  }
  return isEachRight && numbers.reduce((all, number) => all + number, 0) <= total;
}

// 同意; 甲、丙; 1 乙、2 甲 (a ranking); 甲 3、乙 5 (points).
export function inWords(paper) {
  const word = (field) => field.closest("label").querySelector(".choice__word").textContent;
  const name = (field) => paper.querySelector(`label[for="${field.id}"]`).textContent;
  const plain = paper.querySelector('input[name$="-plain"]:checked');
  if (plain) return word(plain);
  if (paper.dataset.numbered === "ranking") {
    return inOrder(given(paper)).map((field, place) => `${place + 1} ${name(field)}`).join("、");
  }
  if (paper.dataset.numbered) return given(paper).map((field) => `${name(field)} ${field.value}`).join("、");
  return [...paper.querySelectorAll("input:checked")].map(word).join("、");
}

export function titleOf(paper) {
  return paper.querySelector("legend").firstChild.textContent.trim();
}

// How much of what may be given is given: the number of marks, or the sum of a budget.
export function tellUsed(form) {
  for (const note of form.querySelectorAll("[data-used]")) {
    const paper = note.closest("[data-choice]");
    const marks = paper.querySelectorAll("input[type=checkbox]:checked").length;
    const sum = given(paper).reduce((all, field) => all + Number(field.value), 0);
    const left = (paper.dataset.total ?? 0) - sum;
    const words = left < 0 && note.dataset.over ? note.dataset.over : note.dataset.used;
    note.textContent = marks + sum ? words.replace("{n}", marks + sum).replace("{left}", Math.abs(left)) : "";
  }
}
