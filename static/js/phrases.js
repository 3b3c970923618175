// Chinese titles break between words, not inside them: 关于3幢2单元/加装电梯方案的公示. The text itself stays the same.

const MARKS = /[\p{P}\p{Z}\p{S}]/u;

function mark(title, segmenter) {
  const walker = document.createTreeWalker(title, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    if (!text.data.trim() || text.parentElement.closest("svg")) continue;
    const parts = document.createDocumentFragment();
    let run = "";
    for (const { segment } of segmenter.segment(text.data)) {
      // A single sign leans on the word before it: nobody wants 的, 棚 or 3 at the start of a line.
      if (run.length >= 2 && segment.length >= 2 && !MARKS.test(segment) && !/\d$/u.test(run)) {
        parts.append(run, document.createElement("wbr"));
        run = "";
      }
      run += segment;
    }
    parts.append(run);
    text.replaceWith(parts);
  }
  title.dataset.phrases = "";
}

if (window.Intl?.Segmenter && document.documentElement.lang.startsWith("zh")) {
  const segmenter = new Intl.Segmenter("zh-CN", { granularity: "word" });
  for (const title of document.querySelectorAll("main :is(h1, h2, h3)")) mark(title, segmenter);
}
