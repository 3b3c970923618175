// The window in which somebody may object: <section data-consent data-used data-seconds>. Counts down by the device's
// own clock from the seconds the server says were used. When it is over, `over()` is called once.

import { say } from "./live_region.js";

const SHOWN_AFTERWARDS = 20000;
let endsAt = 0;
let isOver = true;
let heard = "";
let over = () => {};

export function onConsentOver(act) {
  over = act;
}

export function setConsent(consent) {
  const place = document.querySelector("[data-consent]");
  if (!place) return;
  const status = consent ? `${consent.id} ${consent.status}` : "";
  const news = heard !== status;
  const first = heard === "";
  heard = status;
  const asked = consent?.status === "asked";
  for (const act of place.querySelectorAll("[data-consent-act]")) act.hidden = !asked;
  if (asked) {
    place.hidden = false;
    place.querySelector("[data-consent-question]").textContent = consent.question;
    place.querySelector("[data-consent-word]").hidden = false;
    endsAt = performance.now() + (consent.seconds - consent.used) * 1000;
    isOver = false;
    if (news) say(consent.question);
    tick();
    return;
  }
  isOver = true;
  place.querySelector("[data-consent-clock]").textContent = "";
  const word = consent ? place.dataset[consent.status] : "";
  if (word && news && !first) {
    place.querySelector("[data-consent-question]").textContent = word;
    place.querySelector("[data-consent-word]").hidden = true;
    say(word);
    window.setTimeout(() => {
      if (heard === status) place.hidden = true;
    }, SHOWN_AFTERWARDS);
  } else if (!word) place.hidden = true;
}

function tick() {
  const place = document.querySelector("[data-consent]");
  if (!place || isOver) return;
  const left = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
  place.querySelector("[data-consent-clock]").textContent = left;
  if (left === 0) {
    isOver = true;
    over();
  }
}

const shown = document.querySelector("[data-consent][data-seconds]");
if (shown) {
  endsAt = performance.now() + (Number(shown.dataset.seconds) - Number(shown.dataset.used)) * 1000;
  isOver = false;
  heard = "shown";
}
window.setInterval(tick, 250);
tick();
