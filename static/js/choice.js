// <button data-choice-confirm="确认">: says what it will confirm once something is chosen: 确认同意. Only for forms with one item.

function word(form) {
  const chosen = form.querySelector(".choice__radio:checked");
  return chosen?.closest("label").querySelector(".choice__word").textContent.trim() ?? "";
}

for (const button of document.querySelectorAll("button[data-choice-confirm]")) {
  const { form } = button;
  if (!form || form.querySelectorAll("[data-choice]").length !== 1) continue;
  const show = () => {
    button.textContent = `${button.dataset.choiceConfirm}${word(form)}`;
  };
  form.addEventListener("change", show);
  show();
}
