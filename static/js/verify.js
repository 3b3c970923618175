// Compares a PDF with what was published, on the reader's own device: the file is hashed here and never sent.
// Where the browser cannot hash (no secure context) the form below uploads it instead.

const box = document.querySelector("[data-verify]");

if (box && globalThis.crypto?.subtle) {
  const drop = box.querySelector("[data-verify-drop]");
  const input = box.querySelector("[data-verify-file]");
  const answer = box.querySelector("[data-verify-answer]");
  drop.hidden = false;
  box.querySelector("[data-verify-local]").hidden = false;
  box.querySelector("[data-verify-upload]").hidden = true;

  input.addEventListener("change", () => input.files[0] && compare(input.files[0]));
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.dataset.over = "";
    });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, () => delete drop.dataset.over);
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) compare(event.dataTransfer.files[0]);
  });

  async function compare(file) {
    answer.textContent = box.dataset.reading;
    const hash = await sha256(file);
    if (box.dataset.hashes.split(" ").includes(hash)) {
      answer.textContent = `✓ ${box.dataset.same}`;
      return;
    }
    answer.textContent = await asked(hash);
  }

  async function asked(hash) {
    const words = box.dataset.states.split(" ");
    let reply;
    try {
      reply = await fetch(box.dataset.api + hash, { headers: { Accept: "application/json" } });
    } catch {
      return `✗ ${box.dataset.offline}`;
    }
    if (!reply.ok) return `✗ ${box.dataset.different}`;
    const verdict = await reply.json();
    const word = { valid: words[0], superseded: words[1], withdrawn: words[2] }[verdict.state];
    if (!word) return `✗ ${box.dataset.different}`;
    const lead = box.dataset.hashes ? box.dataset.other : "";
    const later = verdict.followed_by ? ` ${box.dataset.followed}${verdict.followed_by}` : "";
    return `${verdict.state === "valid" ? "✓" : "✗"} ${lead}${verdict.number}（${word}）${later}`;
  }
}

async function sha256(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
