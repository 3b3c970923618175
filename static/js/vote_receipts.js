// The receipts of one's own votes, kept in this tab (sessionStorage) and nowhere else: whoever comes back to the page
// finds them, the server is not asked. Of a secret vote the number alone is kept, never what was chosen.

import { qrCode } from "./qr.js";

const PREFIX = "wuyi.receipt.";

export function keptReceipts(ballot, voter) {
  try {
    const found = JSON.parse(sessionStorage.getItem(`${PREFIX}${ballot}.${voter}`) ?? "[]");
    return Array.isArray(found) ? found.filter(({ receipt, items }) => receipt && Array.isArray(items)) : [];
  } catch {
    return [];
  }
}

export function receiptsOf(page) {
  const { ballot, voter, resultUrl } = page.dataset;
  const place = page.querySelector("[data-receipt]");
  const form = page.querySelector("template[data-receipt-form]");
  const key = `${PREFIX}${ballot}.${voter}`;
  let kept = [];

  forgetOthers();
  if (voter) kept = keptReceipts(ballot, voter);
  draw();

  // The newest receipt of an item is the one that finds it: what it replaces is dropped.
  function add(entry) {
    for (const one of kept) {
      if ((one.who ?? "") === (entry.who ?? "")) one.items = one.items.filter((item) => !entry.items.includes(item));
    }
    kept = [...kept.filter((one) => one.items.length), entry];
    write();
    draw();
    const title = place.lastElementChild.querySelector("h2");
    title.setAttribute("tabindex", "-1");
    title.focus();
  }

  function draw() {
    place.hidden = !kept.length;
    place.replaceChildren(...kept.map(drawn));
    const note = page.querySelector("[data-voted-note]");
    if (note && kept.length) note.hidden = true;
  }

  function drawn({ receipt, words, who }) {
    const box = form.content.cloneNode(true).firstElementChild;
    fact(box, "[data-receipt-choice]", words);
    fact(box, "[data-receipt-who]", who);
    box.querySelector("[data-copy-text]").textContent = receipt.match(/.{1,4}/g).join(" ");
    const address = new URL(resultUrl, location.href);
    address.hash = `receipt=${receipt}`;
    const link = box.querySelector("[data-receipt-link]");
    if (link) link.href = address;
    const code = qrCode(address.href);
    if (code) box.querySelector("[data-receipt-qr]").prepend(code);
    else box.querySelector("[data-receipt-qr]").hidden = true;
    const copy = box.querySelector("[data-copy]");
    copy.dataset.copy = receipt;
    copy.hidden = !navigator.clipboard;
    return box;
  }

  function fact(box, name, words) {
    const line = box.querySelector(name);
    if (words) line.querySelector("dd").textContent = words;
    else line.remove();
  }

  function write() {
    const lines = "secret" in page.dataset ? kept.map(({ words: _words, ...rest }) => rest) : kept;
    try {
      sessionStorage.setItem(key, JSON.stringify(lines));
    } catch {
      // a browser that stores nothing shows the receipt until the page is left
    }
  }

  // A tab that somebody else signs in on must not show whose receipts were here.
  function forgetOthers() {
    try {
      for (const name of Object.keys(sessionStorage)) {
        if (name.startsWith(`${PREFIX}${ballot}.`) && name !== key) sessionStorage.removeItem(name);
      }
    } catch {
      // nothing is stored, nothing to forget
    }
  }

  return { add };
}
