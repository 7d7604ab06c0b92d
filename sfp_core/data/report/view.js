// Which frames are on the screen, and where.

const RATE = TAKE.rate;
const LAST_FRAME = TAKE.frames - 1;
const LEAST_FRAMES = 4;  // at the closest zoom

class View {
  constructor(end) {
    this.margin = Math.max(0.6, 0.01 * end);
    this.limits = [-this.margin, Math.max(end, 1) + this.margin];
    [this.from, this.to] = this.limits;
    this.width = 1;
  }

  get span() { return this.to - this.from; }

  x(frame) { return (frame - this.from) / this.span * this.width; }

  frame(x) { return this.from + x / this.width * this.span; }

  show(from, to) {
    const [low, high] = this.limits;
    const span = Math.min(Math.max(to - from, Math.min(LEAST_FRAMES, high - low)), high - low);
    this.from = Math.min(Math.max((from + to - span) / 2, low), high - span);
    this.to = this.from + span;
  }

  all() { this.show(...this.limits); }

  /** Zoom so that `frame` stays where it is on the screen. */
  zoom(factor, frame) {
    const [low, high] = this.limits;
    const span = Math.min(Math.max(this.span / factor, Math.min(LEAST_FRAMES, high - low)), high - low);
    const from = frame - (frame - this.from) * span / this.span;
    this.from = Math.min(Math.max(from, low), high - span);
    this.to = this.from + span;
  }

  pan(frames) {
    const [low, high] = this.limits, span = this.span;
    this.from = Math.min(Math.max(this.from + frames, low), high - span);
    this.to = this.from + span;
  }
}
