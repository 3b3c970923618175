// A form is sent once: its buttons rest while it is on the way. <form data-again> opts out.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.hasAttribute("data-again")) return;
  window.setTimeout(() => {
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
    form.setAttribute("aria-busy", "true");
  });
  form.addEventListener("submit", (again) => {
    if (form.getAttribute("aria-busy") === "true") again.preventDefault();
  });
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) {
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});
