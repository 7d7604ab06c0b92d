// The lanes above the curves: ruler, sound, words, phones, closures, and the whole take small.

const SEAL = "#ff7a90", TUCK = "#f2b36b";
const FINE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];
const SECOND_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

/** The smallest of `steps` (in frames, times `unit`) that keeps marks `pixels` apart. */
function stepOf(steps, unit, view, pixels) {
  return steps.find((step) => step * unit / view.span * view.width >= pixels) || steps[steps.length - 1];
}

/** Call `mark(number)` for the multiples of `step * unit` frames that are in view. */
function marks(step, unit, view, mark) {
  for (let number = Math.max(0, Math.ceil(view.from / unit / step)) * step; number * unit <= view.to; number += step) mark(number);
}

function paintRuler(context, view, height) {
  const middle = height / 2;
  const step = stepOf(FINE_STEPS, 1, view, 44), seconds = stepOf(SECOND_STEPS, RATE, view, 34);
  context.fillStyle = GRID;
  if (view.width / view.span >= 6) marks(1, 1, view, (frame) => context.fillRect(Math.round(view.x(frame)), middle - 4, 1, 4));
  context.textAlign = "center";
  marks(step, 1, view, (frame) => {
    const x = Math.round(view.x(frame));
    context.fillStyle = "#4a4e55"; context.fillRect(x, middle - 5, 1, 5);
    context.fillStyle = SOFT; context.fillText(String(frame), x, middle - 10);
  });
  context.fillStyle = GRID; context.fillRect(0, middle, view.width, 1);
  marks(seconds, RATE, view, (second) => {
    const x = Math.round(view.x(second * RATE));
    context.fillStyle = "#4a4e55"; context.fillRect(x, middle + 1, 1, 5);
    context.fillStyle = DIM; if (x < view.width - 12) context.fillText(`${second} s`, Math.max(x, 10), middle + 10);
  });
}

/** Faint lines at whole seconds, behind what a lane or a row shows. */
function paintGrid(context, view, height) {
  context.fillStyle = FAINT;
  marks(stepOf(SECOND_STEPS, RATE, view, 34), RATE, view, (second) => context.fillRect(Math.round(view.x(second * RATE)), 0, 1, height));
}

/** The outline of the sound, at a few coarser steps too, so that any zoom looks at few numbers a pixel. */
class Wave {
  constructor({rate, peaks}, starts) {
    const pairs = Int8Array.from(atob(peaks), (character) => character.charCodeAt(0));
    this.starts = starts;
    this.levels = [{rate, pairs}];
    while (this.levels[this.levels.length - 1].pairs.length > 2048) this.levels.push(halved(this.levels[this.levels.length - 1]));
    this.loudest = pairs.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  }

  get seconds() { return this.levels[0].pairs.length / 2 / this.levels[0].rate; }

  paint(context, view, height, colour) {
    const pixel = view.span / view.width / RATE;  // seconds
    const level = this.levels.filter(({rate}) => rate * pixel >= 1).pop() || this.levels[0];
    const middle = height / 2, scale = (height / 2 - 3) / this.loudest, count = level.pairs.length / 2;
    context.fillStyle = colour;
    for (let x = 0; x < view.width; x += 0.5) {
      const second = view.frame(x) / RATE - this.starts;
      const first = Math.floor(second * level.rate), last = Math.max(first + 1, Math.floor((second + pixel / 2) * level.rate));
      if (last <= 0 || first >= count) continue;
      let low = 127, high = -127;
      for (let place = Math.max(first, 0); place < Math.min(last, count); place++) {
        low = Math.min(low, level.pairs[2 * place]); high = Math.max(high, level.pairs[2 * place + 1]);
      }
      const top = middle - high * scale;
      context.fillRect(x, top, 0.5, Math.max(0.6, middle - low * scale - top));
    }
  }
}

function halved({rate, pairs}) {
  const count = pairs.length >> 1, half = (count + 1) >> 1, out = new Int8Array(2 * half);
  for (let place = 0; place < half; place++) {
    const one = 2 * place, other = Math.min(one + 1, count - 1);
    out[one] = Math.min(pairs[2 * one], pairs[2 * other]);
    out[one + 1] = Math.max(pairs[2 * one + 1], pairs[2 * other + 1]);
  }
  return {rate: rate / 2, pairs: out};
}

/** Spans of text: words or phones. `look(text)` gives the colours of fill and text; null leaves a gap. */
function paintSpans(context, view, height, spans, look) {
  context.textAlign = "center";
  for (let place = firstAfter(spans, view.from / RATE); place < spans.length && spans[place][0] * RATE < view.to; place++) {
    const [start, end, text] = spans[place], colours = look(text);
    if (!colours) continue;
    const x = view.x(start * RATE), width = view.x(end * RATE) - x;
    context.fillStyle = colours[0];
    context.beginPath();
    if (width > 4) context.roundRect(x + 0.5, 2, width - 1, height - 4, 3); else context.rect(x, 2, Math.max(width, 0.5), height - 4);
    context.fill();
    const left = Math.max(x, 0), right = Math.min(x + width, view.width);
    const fitted = fitting(context, text, right - left - 4);
    context.fillStyle = colours[1];
    if (fitted) context.fillText(fitted, (left + right) / 2, height / 2 + 0.5);
  }
}

/** Place of the first span that ends after a time. */
function firstAfter(spans, seconds) {
  let low = 0, high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle][1] <= seconds) low = middle + 1; else high = middle;
  }
  return low;
}

/** Text cut so that it fits, "" where nothing would be left of it. */
function fitting(context, text, width) {
  if (width < 6 || context.measureText(text).width <= width) return width < 6 ? "" : text;
  for (let length = text.length - 1; length > 1; length--) {
    const cut = `${text.slice(0, length)}\u2026`;
    if (context.measureText(cut).width <= width) return cut;
  }
  return "";
}

const wordLook = () => ["#343a44", INK];

function phoneLook(text) {
  if (!text) return null;
  if (TAKE.sounds.lip_seal.includes(text)) return ["#7c3a48", "#ffe3e8"];
  if (TAKE.sounds.lip_tuck.includes(text)) return ["#6b5130", "#fff0da"];
  return TAKE.sounds.vowel.includes(text) ? ["#2f4a57", "#d9f1ff"] : ["#2b2f35", "#c7ccd3"];
}

function paintClosures(context, view, height) {
  for (const [start, end, kind] of TAKE.closures) {
    const x = view.x(start * RATE), width = view.x(end * RATE) - x;
    if (x + width < 0 || x > view.width) continue;
    context.fillStyle = kind === "lip_seal" ? SEAL : TUCK;
    context.fillRect(x, 3, Math.max(width, 1.5), height - 6);
  }
}

/** The whole take, small, with what is in view between two handles. */
function paintOverview(context, whole, view, height, wave) {
  if (wave) wave.paint(context, whole, height, "#4d535c");
  else for (const [start, end] of TAKE.words) context.fillRect(whole.x(start * RATE), 8, whole.x(end * RATE) - whole.x(start * RATE), height - 16);
  const left = whole.x(view.from), right = whole.x(view.to);
  context.fillStyle = "rgba(12, 13, 14, .6)";
  context.fillRect(0, 0, left, height); context.fillRect(right, 0, whole.width - right, height);
  context.fillStyle = "rgba(255, 255, 255, .05)"; context.fillRect(left, 0, right - left, height);
  context.strokeStyle = "#666c76"; context.strokeRect(left + 0.5, 0.5, Math.max(right - left - 1, 1), height - 1);
  context.fillStyle = "#8d949e";
  for (const x of [left + 2, right - 4]) context.fillRect(x, height / 2 - 6, 2, 12);
}
