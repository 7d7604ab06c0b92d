// What time it is in the take: a clock of its own, kept in step with film and sound while they play.

const DRIFT_SECONDS = 0.05;  // what is further off is set anew
const PATIENCE_SECONDS = 3;  // how long the clock waits for a track that loads
const INTO_FRAME_SECONDS = 0.001;  // players round times; a film is set a little into its frame

class Clock {
  /** `tracks`: {element, starts} in order of trust; the first that plays leads. `end`: seconds. */
  constructor(tracks, end) {
    this.tracks = tracks.map((track) => ({...track, waited: 0, broken: false}));
    this.end = end;
    this.seconds = 0;
    this.playing = false;
    this.loop = null;  // [first, last] seconds
    this.speed = 1;
    this.listener = () => {};
    this.tick = this.tick.bind(this);
  }

  seek(seconds) {
    this.seconds = Math.min(Math.max(seconds, 0), this.end);
    this.stamp = performance.now();
    for (const track of this.tracks) this.place(track);
    this.listener();
  }

  play() {
    if (this.playing) return;
    const [first, last] = this.loop || [0, this.end];
    this.playing = true;
    for (const track of this.tracks) track.waited = 0;
    if (this.seconds >= last || this.seconds < first && this.loop) this.seek(first);
    this.stamp = performance.now();
    requestAnimationFrame(this.tick);
    this.listener();
  }

  pause() {
    this.playing = false;
    for (const {element} of this.tracks) element.pause();
    this.listener();
  }

  /** One step of the screen: as far as the leading track is, or as far as time went on where none plays. */
  tick() {
    if (!this.playing) return;
    const passed = (performance.now() - this.stamp) / 1000;
    this.stamp += 1000 * passed;
    const leader = this.tracks.find((track) => this.covers(track));
    if (leader && runs(leader.element)) this.seconds = leader.element.currentTime + leader.starts;
    else if (!leader) this.seconds += this.speed * passed;
    else if ((leader.waited += passed) > PATIENCE_SECONDS) leader.broken = true;
    for (const track of this.tracks) this.keep(track, track === leader);
    const [first, last] = this.loop || [0, this.end];
    if (this.seconds >= last) {
      if (this.loop) this.seek(first);
      else { this.seconds = last; this.pause(); return; }
    }
    this.listener();
    requestAnimationFrame(this.tick);
  }

  /** Whether a track has something to play now; its length is not known before it is loaded. */
  covers({element, starts, broken}) {
    const at = this.seconds - starts;
    return !broken && at >= 0 && at < element.duration - INTO_FRAME_SECONDS;
  }

  /** Have a track play where it has something to play, and in time. */
  keep(track, leads) {
    const {element, starts} = track;
    if (!this.covers(track)) { if (!element.paused) element.pause(); return; }
    const late = Math.abs(element.currentTime + starts - this.seconds);
    if (element.paused || (!leads && runs(element) && late > DRIFT_SECONDS)) this.place(track);
    if (runs(element)) track.waited = 0;
    element.playbackRate = this.speed;
    if (element.paused) element.play().catch(() => { track.broken = track.broken || this.playing; });
  }

  place({element, starts}) {
    const at = this.seconds - starts;
    if (element.readyState > 0 && at >= 0 && at <= element.duration) element.currentTime = at + INTO_FRAME_SECONDS;
  }
}

function runs(element) {
  return !element.paused && !element.seeking && element.readyState >= 3;
}
