// What every page can do. Each module binds to data- attributes; without JavaScript the pages still work.

import "./choice.js";
import "./confirm.js";
import "./copy.js";
import "./large_type.js";
import "./menu.js";
import "./offline.js";
import "./phrases.js";
import "./print.js";
import "./read_aloud.js";
import "./relative_time.js";
import "./search.js";
import "./unsent.js";
import "./waiting.js";
