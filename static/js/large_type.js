// The large-type switch takes effect at once; without JavaScript its form posts and the page comes back larger.

const form = document.querySelector("header [data-large-type]");

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  const large = button.value === "1";
  const wish = new FormData(form, button);
  document.documentElement.toggleAttribute("data-large", large);
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `large_type=${button.value}; path=/; max-age=31536000; samesite=lax${secure}`;
  // The account of whoever is signed in remembers it too; the page need not wait for that.
  fetch(form.action, { method: "POST", body: wish, redirect: "manual", keepalive: true }).catch(() => undefined);
  const word = button.textContent;
  button.textContent = button.dataset.other;
  button.dataset.other = word;
  button.value = large ? "0" : "1";
});
