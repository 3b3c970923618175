// The poster's code changes every half minute. Without the network the code is taken off: it would be worth nothing.

const sheet = document.querySelector("[data-poster]");

if (sheet) {
  const code = sheet.querySelector("[data-poster-code]");
  const shown = sheet.querySelector("[data-poster-left]");
  const lost = sheet.querySelector("[data-poster-lost]");
  let ends = performance.now() + Number(sheet.dataset.left) * 1000;

  async function renew() {
    try {
      const answer = await fetch(sheet.dataset.poster, { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = await answer.json();
      code.src = fresh.qr;
      code.hidden = false;
      lost.hidden = true;
      sheet.querySelector("[data-poster-due]").textContent = fresh.due;
      sheet.querySelector("[data-poster-present]").textContent = fresh.present;
      ends = performance.now() + fresh.left * 1000;
    } catch {
      if (performance.now() > ends + 30000) {
        code.hidden = true;
        lost.hidden = false;
      }
    }
  }

  window.setInterval(() => {
    const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
    shown.textContent = left;
  }, 500);
  window.setInterval(renew, 5000);
}
