// Shows the offline line while the phone has no network, and keeps a page for opening others meanwhile.

const line = document.querySelector("[data-offline]");

function show() {
  if (line) line.hidden = navigator.onLine;
}

window.addEventListener("online", show);
window.addEventListener("offline", show);
show();

// Keeps the page that says so (config/pages.py serves the worker from the root, so that it covers every page).
if ("serviceWorker" in navigator) {
  window.addEventListener("load", () => {
    navigator.serviceWorker.register("/service-worker.js").catch(() => undefined);
  });
}
