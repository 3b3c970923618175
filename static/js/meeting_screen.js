// The big screen: everything comes from the stream; nothing is touched. When the line is lost it says since when.

import { follow } from "./meeting_stream.js";
import { setTimer } from "./meeting_timer.js";

const hall = document.querySelector("[data-hall]");

if (hall) {
  const at = (name) => hall.querySelector(`[data-hall-${name}]`);
  const ballots = new Map();
  let phase = hall.dataset.phase;
  let present = Number(at("present").textContent);
  let last = new Date();
  let alive = true;

  const time = (moment) => moment.toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });

  function showContact() {
    const place = at("contact");
    place.classList.toggle("hall__contact--lost", !alive);
    place.textContent = alive
      ? `${time(new Date())}　${place.dataset.fine}`
      : `${place.dataset.lost} ${time(last)}`;
  }

  function attendance(state) {
    present = state.present;
    at("due").textContent = state.due;
    at("present").textContent = state.present;
    const place = at("quorum");
    place.textContent = state.quorum
      .map((line) => `${place.dataset.needed} ${line.needed} ${line.met ? `✓ ${place.dataset.met}` : place.dataset.short}`)
      .join("　");
  }

  function agenda(items) {
    const place = at("item");
    const current = items.find((item) => item.status === "current");
    if (phase === "suspended") place.textContent = place.dataset.break;
    else if (phase === "closed" || phase === "minuted") place.textContent = place.dataset.over;
    else if (current) place.textContent = `${place.dataset.word}${current.position}${place.dataset.unit}　${current.title}`;
    else place.textContent = place.dataset.none;
  }

  function motion(now) {
    at("motion").hidden = !now || !at("ballot").hidden;
    if (now) at("text").textContent = now.text;
  }

  function speakers(state) {
    at("hands").textContent = state.waiting.slice(0, 4).map((hand) => `${hand.name} ${at("hands").dataset[hand.stance] ?? hand.stance_word}`).join("　");
  }

  function ballot(news) {
    const known = { ...(ballots.get(news.ballot) ?? {}), ...news };
    ballots.set(news.ballot, known);
    const open = [...ballots.values()].find((one) => one.phase === "open");
    const shown = open ?? [...ballots.values()].at(-1);
    if (!shown || shown.phase === "draft") return;
    const place = at("ballot");
    place.hidden = false;
    at("motion").hidden = true;
    at("question").textContent = shown.items?.[0]?.title ?? at("question").textContent;
    const whole = Math.max(present, shown.turnout.cast);
    at("cast").textContent = shown.turnout.cast;
    at("eligible").textContent = whole;
    at("fill").setAttribute("width", whole ? Math.round((1000 * shown.turnout.cast) / whole) : 0);
    const result = at("result");
    const item = shown.items?.[0];
    const counts = shown.tally && item ? shown.tally[item.id] : null;
    result.textContent = counts
      ? item.options.map((option) => `${option.label} ${counts[option.id]?.heads ?? 0}`).join("　")
      : result.dataset.hidden;
  }

  follow(hall.dataset.hall, {
    ticket: hall.dataset.ticket,
    contact(isAlive) {
      alive = isAlive;
      if (isAlive) last = new Date();
      showContact();
    },
    message(m) {
      if (m.type === "meeting.state") {
        phase = m.phase;
        at("title").textContent = m.title;
        attendance(m.attendance);
        agenda(m.agenda);
        speakers(m.speakers);
        motion(m.motion);
        setTimer(m.timer);
      }
      if (m.type === "attendance") attendance(m);
      if (m.type === "agenda") {
        agenda(m.items);
        if (![...ballots.values()].some((one) => one.phase === "open")) at("ballot").hidden = m.items.every((i) => !(i.status === "current" && i.ballot));
      }
      if (m.type === "speakers") speakers(m);
      if (m.type === "timer") setTimer(m.timer);
      if (m.type === "motion") motion(m.motion);
      if (m.type.startsWith("ballot.")) ballot(m);
    },
  });

  // A cut cable leaves the socket silently open: ask the server itself, and say when it does not answer.
  window.setInterval(async () => {
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(4000) });
      alive = answer.ok;
      if (alive) last = new Date();
    } catch {
      alive = false;
    }
    showContact();
  }, 5000);
  window.setInterval(showContact, 1000);
}
