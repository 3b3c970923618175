// <select data-fitted-by="name">: offers only the options that fit the chosen value of another field of its form.
// data-asked-by="name" data-asked-for="values": the field is shown only for these values of another field.
// Without this script everything is offered, and the server says what does not fit.

for (const select of document.querySelectorAll("select[data-fitted-by]")) {
  const by = select.form.elements[select.dataset.fittedBy];
  const fit = () => {
    for (const option of select.options) {
      const away = by.value && option.dataset.fits && !option.dataset.fits.split(" ").includes(by.value);
      option.hidden = option.disabled = Boolean(away);
    }
    for (const group of select.querySelectorAll("optgroup")) {
      group.hidden = [...group.children].every((option) => option.hidden);
    }
    if (select.selectedOptions[0]?.disabled) {
      select.value = [...select.options].find((option) => !option.disabled)?.value ?? "";
    }
  };
  select.form.addEventListener("change", fit);
  fit();
}

for (const field of document.querySelectorAll("[data-asked-by]")) {
  const by = field.form.elements[field.dataset.askedBy];
  const ask = () => {
    field.closest(".field").hidden = !field.dataset.askedFor.split(" ").includes(by.value);
  };
  field.form.addEventListener("change", ask);
  ask();
}
