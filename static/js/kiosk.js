// The screen in the hall: turns pages by itself, asks for news every minute, goes on with what it has when the
// network is gone and says since when.

const stage = document.querySelector("[data-kiosk]");
const contact = document.querySelector("[data-kiosk-contact]");
const where = document.querySelector("[data-kiosk-where]");
const PATIENCE = 10_000;
// A paper longer than the screen is read leaf by leaf. Four fifths of it are clear (the rest fades out), so the next
// leaf begins there; what does not fit in five leaves is read on one's own phone.
const CLEAR = 0.8;
const LEAVES = 5;
let shown = 0;
let leaf = 0;
let lastContact = new Date();

function slides() {
  return [...stage.querySelectorAll("[data-kiosk-slide]")];
}

function leaves(slide) {
  const body = slide?.querySelector(".kiosk__body");
  if (!body || body.scrollHeight <= body.clientHeight) return { body, count: 1, step: 0, isWhole: true };
  const step = body.clientHeight * CLEAR;
  const needed = Math.ceil((body.scrollHeight - body.clientHeight) / step) + 1;
  return { body, count: Math.min(needed, LEAVES), step, isWhole: needed <= LEAVES };
}

// A leaf begins with a whole block where one begins a little before.
function start(body, wanted, step) {
  const zero = body.getBoundingClientRect().top - body.scrollTop;
  const tops = [...body.children].map((block) => block.getBoundingClientRect().top - zero);
  return Math.max(...tops.filter((top) => top <= wanted && top > wanted - step / 4), 0) || wanted;
}

function turn() {
  if (leaf + 1 < leaves(slides()[shown]).count) show(shown, leaf + 1);
  else show(shown + 1);
}

function show(index, wanted = 0) {
  const all = slides();
  shown = all.length ? index % all.length : 0;
  all.forEach((slide, position) => {
    slide.hidden = position !== shown;
  });
  const { body, count, step, isWhole } = leaves(all[shown]);
  leaf = Math.min(wanted, count - 1);
  if (body) {
    body.scrollTop = leaf + 1 < count ? start(body, leaf * step, step) : leaf * step;
    body.classList.toggle("kiosk__body--end", isWhole && leaf === count - 1);
  }
  const leafWords = count > 1 ? where.dataset.leaf.replace("{leaf}", leaf + 1).replace("{count}", count) : "";
  where.textContent = [all.length > 1 ? `${shown + 1} / ${all.length}` : "", leafWords].filter(Boolean).join("　");
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
    show(shown, leaf);
    say(true);
  } catch {
    say(false);
  }
}

show(0);
setInterval(turn, Number(stage.dataset.seconds) * 1000);
setInterval(refresh, Number(stage.dataset.refresh) * 1000);
window.addEventListener("online", refresh);
window.addEventListener("offline", () => say(false));
