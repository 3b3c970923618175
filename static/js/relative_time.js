// <time datetime="..." data-relative>: keeps "3分钟前" true; the exact time moves into the title.

const english = document.documentElement.lang.startsWith("en");
const words = new Intl.RelativeTimeFormat(english ? "en" : "zh-CN", { numeric: "auto" });
const STEPS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

function refresh() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
    if (Number.isNaN(seconds)) continue;
    if (!time.title) time.title = time.textContent.trim();
    const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
    time.textContent = unit === "second" ? words.format(0, "second") : words.format(Math.trunc(seconds / size), unit);
  }
}

refresh();
window.setInterval(refresh, 30000);
