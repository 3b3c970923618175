// QR codes drawn on the voter's own device, so that a receipt is not sent anywhere to be drawn: ISO/IEC 18004, bytes,
// medium error correction, versions 1 to 9 (180 bytes). The mask is always the first: receipts look random anyway.

// By version: check bytes of a block, and the data bytes of each block.
const BLOCKS = [
  [],
  [10, [16]],
  [16, [28]],
  [26, [44]],
  [18, [32, 32]],
  [24, [43, 43]],
  [16, [27, 27, 27, 27]],
  [18, [31, 31, 31, 31]],
  [22, [38, 38, 39, 39]],
  [22, [36, 36, 36, 37, 37]],
];
const SVG = "http://www.w3.org/2000/svg";
const QUIET = 2;

const EXP = [1];
const LOG = [];
for (let power = 0; power < 255; power += 1) {
  LOG[EXP[power]] = power;
  EXP.push((EXP[power] << 1) ^ (EXP[power] & 0x80 ? 0x11d : 0));
}

// Returns rows of true (dark) and false; null for a text too long.
export function matrix(text) {
  const bytes = [...new TextEncoder().encode(text)];
  const version = BLOCKS.findIndex(([, blocks]) => blocks && sum(blocks) >= bytes.length + 2);
  return version < 0 ? null : laid(version, interleaved(version, bytes));
}

// Returns an <svg> of the text, or null for one too long. The meaning stands beside it, so it says nothing aloud.
export function qrCode(text) {
  const rows = matrix(text);
  if (!rows) return null;
  const size = rows.length + 2 * QUIET;
  const code = element("svg", { viewBox: `0 0 ${size} ${size}`, class: "qr__code", "aria-hidden": "true", "shape-rendering": "crispEdges" });
  const dark = rows.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : [])));
  code.append(element("rect", { width: size, height: size, fill: "#fff" }), element("path", { d: dark.join(""), fill: "#000" }));
  return code;
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function sum(numbers) {
  return numbers.reduce((all, one) => all + one, 0);
}

function interleaved(version, bytes) {
  const [checks, sizes] = BLOCKS[version];
  const room = sum(sizes);
  const bits = [4, bytes.length >> 4, bytes.length & 15, ...bytes.flatMap((byte) => [byte >> 4, byte & 15]), 0];
  const data = [];
  for (let at = 0; at < bits.length; at += 2) data.push((bits[at] << 4) | bits[at + 1]);
  for (let pad = 0xec; data.length < room; pad ^= 0xec ^ 0x11) data.push(pad);

  const blocks = [];
  for (const size of sizes) blocks.push(data.splice(0, size));
  const corrections = blocks.map((block) => correction(block, checks));
  const out = [];
  for (let at = 0; at < sizes.at(-1); at += 1) for (const block of blocks) if (at < block.length) out.push(block[at]);
  for (let at = 0; at < checks; at += 1) for (const block of corrections) out.push(block[at]);
  return out;
}

function times(a, b) {
  return a && b ? EXP[(LOG[a] + LOG[b]) % 255] : 0;
}

function correction(block, checks) {
  let divisor = [1];
  for (let power = 0; power < checks; power += 1) {
    divisor = [...divisor, 0].map((one, at) => one ^ times(divisor[at - 1] ?? 0, EXP[power]));
  }
  const rest = [...block, ...new Array(checks).fill(0)];
  for (let at = 0; at < block.length; at += 1) {
    const lead = rest[at];
    divisor.forEach((one, behind) => {
      rest[at + behind] ^= times(one, lead);
    });
  }
  return rest.slice(block.length);
}

function remainder(value, bits, divisor) {
  let rest = value << bits;
  for (let at = 31; at >= bits; at -= 1) if (rest & (1 << at)) rest ^= divisor << (at - bits);
  return (value << bits) | rest;
}

function laid(version, codewords) {
  const size = 17 + 4 * version;
  const rows = Array.from({ length: size }, () => new Array(size).fill(null));
  const set = (x, y, on) => {
    if (rows[y]?.[x] !== undefined) rows[y][x] = Boolean(on);
  };
  const square = (x, y, reach, light) => {
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  };
  for (let at = 0; at < size; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(x, y, 4, [2, 4]);
  const centres = version === 1 ? [] : version < 7 ? [6, size - 7] : [6, (size - 1) / 2, size - 7];
  for (const x of centres) {
    for (const y of centres) {
      const inFinder = (x === 6 && y === 6) || (x === 6 && y === size - 7) || (x === size - 7 && y === 6);
      if (!inFinder) square(x, y, 2, [1]);
    }
  }
  const format = remainder(0, 10, 0x537) ^ 0x5412;
  for (let at = 0; at < 15; at += 1) {
    const on = (format >> at) & 1;
    if (at < 8) {
      set(8, at < 6 ? at : at + 1, on);
      set(size - 1 - at, 8, on);
    } else {
      set(at === 8 ? 7 : 14 - at, 8, on);
      set(8, size - 15 + at, on);
    }
  }
  set(8, size - 8, true);
  if (version >= 7) {
    const bits = remainder(version, 12, 0x1f25);
    for (let at = 0; at < 18; at += 1) {
      const near = Math.floor(at / 3);
      const far = size - 11 + (at % 3);
      set(near, far, (bits >> at) & 1);
      set(far, near, (bits >> at) & 1);
    }
  }
  let bit = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    const upward = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step += 1) {
      const y = upward ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (rows[y][x] !== null) continue;
        rows[y][x] = Boolean(((codewords[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) !== ((x + y) % 2 === 0);
        bit += 1;
      }
    }
  }
  return rows;
}
