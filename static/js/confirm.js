// A question on the page before a grave act, in place of a pop-up:
//   <button data-confirm="关闭后不能再投票。确定关闭吗？" data-yes="确定关闭" data-no="先不">
// The first press shows the question under the button; only its own yes button submits.

const english = document.documentElement.lang.startsWith("en");

function ask(button) {
  const box = document.createElement("div");
  box.className = "ask";
  box.setAttribute("role", "group");
  const question = document.createElement("p");
  question.textContent = button.dataset.confirm;
  question.id = `ask-${Math.random().toString(36).slice(2)}`;
  box.setAttribute("aria-labelledby", question.id);
  const actions = document.createElement("p");
  actions.className = "actions";
  const yes = document.createElement("button");
  yes.type = "button";
  yes.className = button.className;
  yes.textContent = button.dataset.yes || (english ? "Yes, go on" : "确定");
  const no = document.createElement("button");
  no.type = "button";
  no.className = "button";
  no.textContent = button.dataset.no || (english ? "Not yet" : "先不");
  actions.append(yes, no);
  box.append(question, actions);
  button.after(box);
  button.hidden = true;
  yes.focus();

  const asking = new AbortController();
  const withdraw = () => {
    asking.abort();
    box.remove();
    button.hidden = false;
  };
  const close = () => {
    withdraw();
    button.focus();
  };
  // What is asked about must be what is sent: a form changed meanwhile is asked about anew.
  button.form?.addEventListener("input", withdraw, { signal: asking.signal });
  no.addEventListener("click", close);
  box.addEventListener("keydown", (event) => {
    if (event.repeat) event.preventDefault(); // the key that asked, still held down, is no answer
    if (event.key === "Escape") close();
  });
  yes.addEventListener("click", () => {
    const form = button.form;
    withdraw();
    if (form) {
      button.dataset.confirmed = "1";
      form.requestSubmit(button);
      delete button.dataset.confirmed;
    } else {
      button.dispatchEvent(new CustomEvent("confirmed", { bubbles: true }));
    }
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-confirm]");
  if (!button || button.disabled || button.dataset.confirmed) return;
  if (button.form && !button.form.reportValidity()) {
    event.preventDefault();
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  ask(button);
}, true);
