// What all drawing on canvases shares. A painter gets a context in CSS pixels, the view, and its height.

const INK = "#e7e9ec", SOFT = "#a3a9b2", DIM = "#7d848e", GRID = "#2a2d31", FAINT = "#222427";
const FONT = '11px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif';
const COLUMN = 0.5, STRAIGHT = 1.5;  // pixels: what is narrower is one column; a curve so short is drawn straight
const PIECES = 16;  // of a curve in one path: long paths take browsers ten times as long

/** A canvas's context, cleared, with CSS pixels as its unit and sharp on any screen. */
function cleared(canvas, width, height) {
  const density = window.devicePixelRatio || 1;
  const columns = Math.round(width * density), lines = Math.round(height * density);
  if (canvas.width !== columns || canvas.height !== lines) {
    canvas.width = columns; canvas.height = lines;
    canvas.style.width = `${width}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = FONT;
  context.textBaseline = "middle";
  return context;
}

/** Draws a curve given in frames and values. Where many keys share a pixel, it draws the line from their lowest to their highest. */
class Pen {
  constructor(context, view, y, colour, width) {
    Object.assign(this, {context, view, y, pieces: 0});
    Object.assign(context, {strokeStyle: colour, lineWidth: width, lineJoin: "bevel", lineCap: "round"});
    context.beginPath();
  }

  moveTo(frame, value) {
    this.x = this.view.x(frame); this.low = this.high = this.last = this.y(value);
    this.context.moveTo(this.x, this.last);
  }

  lineTo(frame, value) {
    const x = this.view.x(frame), height = this.y(value);
    if (x - this.x < COLUMN) {
      this.low = Math.min(this.low, height); this.high = Math.max(this.high, height);
    } else {
      this.flush();
      this.context.lineTo(x, height);
      this.x = x; this.low = this.high = height;
    }
    this.last = height;
  }

  bezierCurveTo(a, b, c, d, frame, value) {
    const {context, view, y} = this, x = view.x(frame), height = y(value);
    if (x - this.x < STRAIGHT) { this.lineTo(frame, value); return; }
    this.flush();
    context.bezierCurveTo(view.x(a), y(b), view.x(c), y(d), x, height);
    this.x = x; this.low = this.high = this.last = height;
  }

  /** Finish the column of pixels that was gathered, and now and then the path: long ones are slow to fill. */
  flush() {
    const {context, x, low, high, last} = this;
    if (low !== high) for (const height of [low, high, last]) context.lineTo(x, height);
    this.pieces += 1;
    if (this.pieces % PIECES) return;
    context.stroke();
    context.beginPath();
    context.moveTo(x, last);
  }

  end() {
    this.flush();
    this.context.stroke();
  }
}
