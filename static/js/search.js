// <input data-search autofocus>: what was looked for last is marked, so that the next name is typed over it.

document.querySelector("[data-search]")?.select();
