// The ballot paper: chosen → confirmed in words → on its way → stored, with the state always visible.
// A vote on its way is kept under its request id until it is answered (unsent.js), and sent again after a lost line or a
// page loaded anew; the server answers a repeated request as it did the first time.

import { follow } from "./live.js";
import { say } from "./live_region.js";
import { choiceOf, inWords, isInForm, isMarked, tellUsed, titleOf, unmark } from "./marks.js";
import { unsentOf } from "./unsent.js";
import { receiptsOf } from "./vote_receipts.js";

const root = document.querySelector("[data-ballot]");
if (root) start(root);

function start(page) {
  const { ballot, voter } = page.dataset;
  const form = page.querySelector("[data-paper]");
  const status = page.querySelector("[data-vote-state]");
  const button = page.querySelector("[data-cast]");
  const unsent = unsentOf(page.dataset);
  const receipts = receiptsOf(page);
  const fold = page.querySelector("[data-fold]");
  let sending = false;

  const live = follow(ballot, {
    voter: Boolean(voter),
    state: (message) => {
      turnout(message);
      counts(message);
      if (message.phase !== page.dataset.phase) location.reload();
    },
    tally: (message) => {
      turnout(message);
      counts(message);
    },
    phase: (message) => {
      if (message.phase !== page.dataset.phase) location.reload();
    },
    contact,
  });

  function contact(alive) {
    const line = page.querySelector("[data-link]");
    line.hidden = false;
    line.textContent = alive ? line.dataset.on : line.dataset.off;
    if (alive) send();
  }

  function turnout({ turnout: { cast, eligible } }) {
    const line = page.querySelector("[data-turnout]");
    line.textContent = line.textContent.replace(/\d+/, cast);
    const bar = page.querySelector("[data-turnout-bar]");
    bar.max = eligible || 1;
    bar.value = cast;
  }

  function counts({ tally }) {
    for (const [item, options] of Object.entries(tally ?? {})) {
      for (const [option, sums] of Object.entries(options)) {
        const place = document.querySelector(`[data-tally="${item}"] [data-option="${option}"]`);
        if (place) place.textContent = sums.heads;
      }
    }
  }

  function show(state, message = "") {
    if (!status) return;
    status.dataset.voteState = state;
    const words = status.querySelector("[data-vote-message]");
    if (words && message) words.textContent = message;
    const said = status.querySelector(`[data-when="${state}"]`);
    if (said) say(said.textContent);
  }

  function choices() {
    return Object.fromEntries(papers().filter(isMarked).map((paper) => [paper.dataset.choice, choiceOf(paper)]));
  }

  function papers() {
    return [...form.querySelectorAll("[data-choice]")].filter((paper) => paper.querySelector("input:not(:disabled)"));
  }

  function words() {
    const marked = papers().filter(isMarked);
    const isOne = form.querySelectorAll("[data-choice]").length === 1;
    return marked.map((paper) => (isOne ? inWords(paper) : `${titleOf(paper)}：${inWords(paper)}`)).join("；");
  }

  // The first item whose marks break its form, in a sentence; "" when all keep to it.
  function fault() {
    const paper = papers().find((one) => isMarked(one) && !isInForm(one));
    if (!paper) return "";
    return page.dataset.saidFault.replace("{title}", titleOf(paper)).replace("{hint}", paper.dataset.hint);
  }

  async function send() {
    const message = unsent.read() ?? held;
    if (!message || sending) return;
    sending = true;
    show(navigator.onLine ? "sending" : "retrying");
    try {
      const { request, choices: chosen, on_behalf_of } = message;
      const answer = await live.cast({ request, choices: chosen, on_behalf_of });
      sending = false;
      if (answer.type === "vote.refused" && answer.code === "throttled") throw new Error("later");
      held = null;
      unsent.keep(null);
      if (answer.type === "vote.accepted") accepted(answer, message);
      else refused(answer.message);
    } catch {
      sending = false;
      show("retrying");
      window.setTimeout(send, 1000 + Math.random() * 4000);
    }
  }

  function refused(message) {
    if (fold) fold.open = true;
    show("refused", message);
  }

  function accepted({ receipt }, message) {
    show("accepted");
    const items = Object.keys(message.choices);
    // Whoever votes for others goes on with empty papers for the next person.
    if (form.querySelector("[name=on_behalf_of]")) {
      clear();
    } else {
      page.querySelector("[data-room-note]")?.remove();
      for (const item of items) {
        const paper = form.querySelector(`[data-choice="${item}"]`);
        paper.dataset.voted = "";
        for (const field of paper.querySelectorAll("input")) field.disabled = !revisable();
      }
      if (button && form.querySelector("[data-choice] input:not(:disabled)") === null) button.hidden = true;
      if (fold && !form.querySelector("[data-choice]:not([data-voted])")) {
        fold.open = false;
        fold.querySelector("summary").hidden = false;
      }
    }
    form.querySelector("[name=request]").value = crypto.randomUUID?.() ?? newId();
    receipts.add({ receipt, items, words: message.words, who: message.who });
  }

  // Has the button ask about what is marked, in words; returns whether anything is. What cannot be cast is not asked
  // about: the press then says what is wrong.
  function ask() {
    const marked = Object.keys(choices()).length > 0;
    if (button && marked && !fault()) {
      button.dataset.confirm = `${page.dataset.saidConfirm} ${words()}。${page.dataset.saidChange}`;
    } else if (button) {
      delete button.dataset.confirm;
    }
    return marked;
  }

  function clear() {
    for (const field of form.querySelectorAll("[data-choice] input")) unmark(field);
  }

  function revisable() {
    return "revisable" in page.dataset;
  }

  function newId() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  let held = null;
  if (!form || !voter) return;
  // Some items may be left for later: the others stay as they were.
  for (const field of form.querySelectorAll("[required]")) field.required = false;
  for (const person of form.querySelectorAll("[name=on_behalf_of]")) {
    // What was marked for one person must never be cast for another.
    person.addEventListener("change", () => {
      clear();
      show("none");
    });
  }
  form.addEventListener("input", () => tellUsed(form));
  form.addEventListener("change", () => {
    if (ask()) show("chosen");
  });
  // What was marked before this script was there must be asked about too.
  ask();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = choices();
    const wrong = Object.keys(chosen).length ? fault() : page.dataset.saidNone;
    if (wrong) {
      refused(wrong);
      return;
    }
    const behalf = new FormData(form).get("on_behalf_of") || undefined;
    const who = form.querySelector("[name=on_behalf_of]:checked")?.dataset.who;
    held = { request: form.querySelector("[name=request]").value, choices: chosen, on_behalf_of: behalf, words: words(), who };
    unsent.keep(held);
    send();
  });
  window.addEventListener("online", send);
  if (unsent.read()) send();
}
