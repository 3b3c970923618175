// The speaker's clock: <p data-timer data-used data-limit data-warning>; counts by the device's own clock from the
// seconds the server says were used, so a wrong clock does not matter. Says half a minute left, and time up.

import { say } from "./live_region.js";

let startedAt = 0;
let spoken = "";

export function setTimer(timer) {
  const place = document.querySelector("[data-timer]");
  if (!place) return;
  place.hidden = !timer;
  if (!timer) {
    spoken = "";
    delete place.dataset.limit;
    place.classList.remove("floor--soon", "floor--over");
    return;
  }
  place.dataset.limit = timer.limit;
  place.dataset.warning = timer.warning;
  const name = place.querySelector("[data-timer-name]");
  name.textContent = `${timer.name} · ${name.dataset[timer.stance] ?? timer.stance_word}`;
  startedAt = performance.now() - timer.used * 1000;
  tick();
}

function tick() {
  const place = document.querySelector("[data-timer]");
  if (!place || place.hidden || !place.dataset.limit) return;
  const left = Number(place.dataset.limit) - Math.floor((performance.now() - startedAt) / 1000);
  const shown = Math.abs(left);
  const text = `${left < 0 ? "+" : ""}${Math.floor(shown / 60)}:${String(shown % 60).padStart(2, "0")}`;
  place.querySelector("[data-timer-clock]").textContent = text;
  const word = place.querySelector("[data-timer-word]");
  const state = left <= 0 ? "over" : left <= Number(place.dataset.warning) ? "soon" : "";
  place.classList.toggle("floor--soon", state === "soon");
  place.classList.toggle("floor--over", state === "over");
  word.textContent = state ? word.dataset[state] : "";
  if (state && state !== spoken) say(word.dataset[state]);
  spoken = state;
}

const first = document.querySelector("[data-timer][data-limit]");
if (first) startedAt = performance.now() - Number(first.dataset.used) * 1000;
window.setInterval(tick, 250);
tick();
