// The big screen: everything comes from the stream; nothing is touched. When the line is lost it says since when.

import { follow } from "./meeting_stream.js";
import { setConsent } from "./meeting_consent.js";
import { setTimer } from "./meeting_timer.js";

const hall = document.querySelector("[data-hall]");

if (hall) {
  const at = (name) => hall.querySelector(`[data-hall-${name}]`);
  const ballots = new Map();
  let phase = hall.dataset.phase;
  let present = Number(at("present").textContent) + Number(at("represented").textContent);
  let last = new Date();
  let alive = true;
  let asked = null;
  let result = null;
  let roll = null;
  let current = null;

  const time = (moment) => moment.toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });

  function showContact() {
    const place = at("contact");
    place.classList.toggle("hall__contact--lost", !alive);
    place.textContent = alive
      ? `${time(new Date())}　${place.dataset.fine}`
      : `${place.dataset.lost} ${time(last)}`;
  }

  function attendance(state) {
    present = state.present + state.represented;
    at("proxied").hidden = !state.represented;
    at("represented").textContent = state.represented;
    at("due").textContent = state.due;
    at("present").textContent = state.present;
    const place = at("quorum");
    place.textContent = state.quorum
      .map((line) => `${place.dataset.needed} ${line.needed} ${line.met ? `✓ ${place.dataset.met}` : place.dataset.short}`)
      .join("　");
  }

  function agenda(items) {
    const place = at("item");
    current = items.find((item) => item.status === "current") ?? null;
    if (phase === "suspended") place.textContent = place.dataset.break;
    else if (phase === "closed" || phase === "minuted") place.textContent = place.dataset.over;
    else if (current) place.textContent = `${place.dataset.word}${current.position}${place.dataset.unit}　${current.title}`;
    else place.textContent = place.dataset.none;
    const papers = current && phase === "open" ? current.papers : [];
    at("papers").textContent = `${at("papers").dataset.word}　${papers.map((title) => `《${title}》`).join("　")}`;
  }

  // One thing at a time fills the middle: the running vote, else the motion, else the newest result.
  function arrange() {
    const open = [...ballots.values()].find((one) => one.phase === "open");
    at("roll").hidden = !roll;
    at("ballot").classList.toggle("hall__ballot--called", Boolean(roll)); // the roll call says the turnout itself
    if (open) hall.querySelector("[data-consent]").hidden = true;
    at("ballot").hidden = !open;
    const announced = !result && phase === "open" ? (current?.text ?? "") : "";
    at("motion").hidden = Boolean(open) || !(asked || announced);
    at("verdict").hidden = Boolean(open) || Boolean(asked) || !result;
    at("papers").hidden = Boolean(open) || !at("verdict").hidden || !current?.papers.length;
    at("floor").hidden = !at("verdict").hidden || Boolean(roll); // a result or a roll call fills the sheet
    if (open) running(open);
    text(announced);
    at("news").hidden = !result;
    if (result) decided();
  }

  // While an amendment is before the meeting: the text as it would be, with what is struck and put in.
  function text(announced) {
    const segments = asked?.preview.length ? asked.preview : [{ change: "keep", text: asked?.text ?? announced }];
    at("text").replaceChildren(
      ...segments.map((segment) => {
        if (segment.change === "keep") return document.createTextNode(segment.text);
        const made = document.createElement(segment.change === "strike" ? "del" : "ins");
        made.textContent = segment.text;
        return made;
      }),
    );
  }

  function called() {
    if (!roll) return;
    at("called").textContent = roll.called;
    at("roll-due").textContent = roll.due;
    at("next").textContent = roll.next ? `${at("next").dataset.word} ${roll.next}` : "";
    at("names").replaceChildren(
      ...roll.lines.map((line) => {
        const made = document.createElement("li");
        made.className = `hall__answer hall__answer--${line.answer || "none"}`;
        made.textContent = `${line.name} ${line.word}`;
        return made;
      }),
    );
  }

  function decided() {
    const counts = result.lines.map((line) => `${line.label} ${line.heads}`).join("　");
    at("news").textContent = `${result.outcome_word}：${result.title}　${counts}`;
    at("decided").textContent = result.title;
    const passed = result.outcome === "passed";
    at("word").textContent = `${passed ? "✓" : "✕"} ${result.outcome_word}`;
    at("word").classList.toggle("hall__word--failed", !passed);
    const heads = result.thresholds.find((one) => one.measure === "heads");
    const whole = Math.max(1, Number(heads?.base ?? 0), ...result.lines.map((line) => line.heads));
    at("lines").replaceChildren(...result.lines.map((line) => row(line, whole, line.option === "for" ? heads : null)));
    const need = at("need");
    need.textContent = result.thresholds
      .map((one) => `${one.fraction}　${need.dataset.need} ${one.needed}　${need.dataset.got} ${one.reached}${one.measure === "area" ? " ㎡" : ""}`)
      .join("　　");
  }

  function row(line, whole, heads) {
    const part = (name, facts) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(facts)) made.setAttribute(key, value);
      return made;
    };
    const bar = part("svg", { viewBox: "0 0 1000 40", preserveAspectRatio: "none", class: "hall__bar", "aria-hidden": "true" });
    bar.append(part("rect", { class: "hall__ground", width: 1000, y: 6, height: 28 }));
    bar.append(part("rect", { class: "hall__fill", width: Math.round((1000 * line.heads) / whole), y: 6, height: 28 }));
    if (heads) bar.append(part("rect", { class: "hall__tick", x: Math.min(994, Math.round((1000 * Number(heads.needed)) / whole)), width: 6, height: 40 }));
    const place = document.createElement("p");
    place.className = `hall__line hall__line--${line.option} figures`;
    const word = document.createElement("span");
    word.textContent = line.label;
    const count = document.createElement("b");
    count.textContent = line.heads;
    count.dataset.count = line.option;
    place.append(word, bar, count);
    return place;
  }

  function speakers(state) {
    at("hands-word").hidden = !state.waiting.length;
    at("hands").textContent = state.waiting.slice(0, 4).map((hand) => `${hand.name} ${at("hands").dataset[hand.stance] ?? hand.stance_word}`).join("　");
  }

  function ballot(news) {
    ballots.set(news.ballot, { ...(ballots.get(news.ballot) ?? {}), ...news });
    arrange();
  }

  function running(shown) {
    at("question").textContent = shown.items?.[0]?.title ?? at("question").textContent;
    const whole = Math.max(present, shown.turnout.cast);
    at("cast").textContent = shown.turnout.cast;
    at("eligible").textContent = whole;
    at("fill").setAttribute("width", whole ? Math.round((1000 * shown.turnout.cast) / whole) : 0);
    const place = at("result");
    const item = shown.items?.[0];
    const counts = shown.tally && item ? shown.tally[item.id] : null;
    place.textContent = counts
      ? item.options.map((option) => `${option.label} ${counts[option.id]?.heads ?? 0}`).join("　")
      : place.dataset.hidden;
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
        asked = m.motion;
        result = m.result;
        roll = m.roll_call;
        called();
        arrange();
        setTimer(m.timer);
        setConsent(m.consent);
      }
      if (m.type === "attendance") attendance(m);
      if (m.type === "agenda") {
        agenda(m.items);
        result = m.result;
        arrange();
      }
      if (m.type === "consent") setConsent(m.consent);
      if (m.type === "roll_call") {
        roll = m.roll_call;
        called();
        arrange();
      }
      if (m.type === "speakers") speakers(m);
      if (m.type === "timer") setTimer(m.timer);
      if (m.type === "motion") {
        asked = m.motion;
        arrange();
      }
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
