// The screen in the hall: turns pages by itself, asks for news every minute, goes on with what it has when the
// network is gone and says since when.

const stage = document.querySelector("[data-kiosk]");
const contact = document.querySelector("[data-kiosk-contact]");
const where = document.querySelector("[data-kiosk-where]");
const PATIENCE = 10_000;
let shown = 0;
let lastContact = new Date();

function slides() {
  return [...stage.querySelectorAll("[data-kiosk-slide]")];
}

function show(index) {
  const all = slides();
  shown = all.length ? index % all.length : 0;
  all.forEach((slide, position) => {
    slide.hidden = position !== shown;
  });
  where.textContent = all.length > 1 ? `${shown + 1} / ${all.length}` : "";
}

function say(isFresh) {
  const time = document.createElement("time");
  time.dateTime = lastContact.toISOString();
  time.textContent = lastContact.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  contact.replaceChildren(`${isFresh ? contact.dataset.fresh : contact.dataset.stale} `, time);
}

async function refresh() {
  try {
    const reply = await fetch(stage.dataset.source, { signal: AbortSignal.timeout(PATIENCE), cache: "no-store" });
    if (!reply.ok) throw new Error(reply.status);
    const html = await reply.text();
    // Our own server's markup, under the page's Content-Security-Policy; only slides are taken from it.
    const fetched = new DOMParser().parseFromString(html, "text/html").querySelectorAll("[data-kiosk-slide]");
    if (!fetched.length) throw new Error("no slides");
    stage.replaceChildren(...fetched);
    lastContact = new Date();
    show(shown);
    say(true);
  } catch {
    say(false);
  }
}

show(0);
setInterval(() => show(shown + 1), Number(stage.dataset.seconds) * 1000);
setInterval(refresh, Number(stage.dataset.refresh) * 1000);
window.addEventListener("online", refresh);
window.addEventListener("offline", () => say(false));
