// Shows the offline line while the phone has no network.

const line = document.querySelector("[data-offline]");

function show() {
  if (line) line.hidden = navigator.onLine;
}

window.addEventListener("online", show);
window.addEventListener("offline", show);
show();
