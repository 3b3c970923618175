// Looks a receipt up in the public recount file, on the voter's own device: the number is never sent.
// Where the browser cannot hash (no secure context) the form is posted and the server looks once.

import { keptReceipts } from "./vote_receipts.js";

const box = document.querySelector("[data-receipt-check]");

if (box && globalThis.crypto?.subtle) {
  const form = box.querySelector("form");
  const field = form.elements.receipt;
  const answer = box.querySelector("[data-receipt-answer]");
  box.querySelector("[data-receipt-local]").hidden = false;
  box.querySelector("[data-receipt-sent]").hidden = true;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look(field.value.replace(/\s/g, "").toLowerCase());
  });

  // A scanned receipt stands after the #: it is filled in and taken out of the address and the history.
  const scanned = new URLSearchParams(location.hash.slice(1)).get("receipt");
  if (scanned) {
    history.replaceState(null, "", `${location.pathname}#receipt`);
    field.value = scanned;
    box.scrollIntoView();
    look(scanned);
  } else if (box.dataset.voter) {
    // Filled in, not looked up: what a secret vote chose is shown only to who asks for it.
    const kept = keptReceipts(box.dataset.ballot, box.dataset.voter).at(-1);
    if (kept) {
      field.value = kept.receipt;
      tell(box.dataset.filled);
    }
  }

  async function look(receipt) {
    if (!/^[0-9a-f]{32}$/.test(receipt)) {
      tell(`✗ ${box.dataset.wrong}`);
      return;
    }
    tell(box.dataset.reading);
    let file;
    try {
      const reply = await fetch(box.dataset.file, { credentials: "omit" });
      if (!reply.ok) throw new Error(reply.status);
      file = await reply.json();
    } catch {
      tell(`✗ ${box.dataset.failed}`);
      return;
    }
    show(await counted(file, receipt));
  }

  async function counted({ items, votes }, receipt) {
    const found = [];
    for (const [id, title, method, , options] of items) {
      const line = await itemReceipt(receipt, id);
      const vote = votes.find((row) => row[0] === id && row[3] === line);
      if (vote) found.push({ title, line, said: inWords(vote[2], Object.fromEntries(options), method) });
    }
    return found;
  }

  function inWords(choice, labels, method) {
    const word = (key) => box.dataset[key] ?? labels[key];
    const placed = (key, place) => (method === "ranking" ? `${place + 1} ${word(key)}` : word(key));
    if (choice.startsWith("[")) return JSON.parse(choice).map(placed).join(box.dataset.comma);
    if (!choice.startsWith("{")) return word(choice);
    return Object.entries(JSON.parse(choice))
      .map(([key, number]) => `${word(key)} ${number}`)
      .join(box.dataset.comma);
  }

  function show(found) {
    if (!found.length) {
      tell(`✗ ${box.dataset.absent}`);
      return;
    }
    const list = document.createElement("dl");
    list.className = "facts";
    for (const { title, said, line } of found) {
      const row = document.createElement("div");
      const matter = document.createElement("dt");
      matter.textContent = title;
      const choice = document.createElement("dd");
      choice.textContent = said;
      const place = document.createElement("span");
      place.className = "note";
      place.textContent = line;
      choice.append(document.createElement("br"), place);
      row.append(matter, choice);
      list.append(row);
    }
    answer.replaceChildren(box.querySelector("[data-receipt-found]").content.cloneNode(true), list);
  }

  function tell(text) {
    const line = document.createElement("p");
    line.textContent = text;
    answer.replaceChildren(line);
  }
}

async function itemReceipt(receipt, item) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${receipt}:${item}`));
  return Array.from(new Uint8Array(digest).slice(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
