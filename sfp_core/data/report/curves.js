// The values of curves between their keys. Frames are those of the take; slopes are units per second.
// `channel.keys` holds columns: frames, values, in_slopes, out_slopes, in_types, out_types (places in TANGENTS).

const TAKE = JSON.parse(document.getElementById("take").textContent);
const TANGENTS = TAKE.tangents;
const STEP = TANGENTS.indexOf("step");
const STEPNEXT = TANGENTS.indexOf("stepnext");
const WEIGHTS = new Map(TAKE.layers);

/** Place of the last number that is not above `limit`, -1 where all are; `numbers` rise. */
function lastAtOrBefore(numbers, limit) {
  let low = 0, high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= limit) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** The value of one channel at a frame, whole or not; constant before the first and after the last key. */
function evaluate(channel, frame) {
  const {frames, values, in_slopes, out_slopes, out_types} = channel.keys;
  const last = frames.length - 1;
  if (last < 0) return channel.neutral;
  if (frame <= frames[0]) return values[0];
  if (frame >= frames[last]) return values[last];
  const left = lastAtOrBefore(frames, frame), right = left + 1;
  const width = frames[right] - frames[left], share = (frame - frames[left]) / width;
  if (out_types[left] === STEP) return values[left];
  if (out_types[left] === STEPNEXT) return share > 0 ? values[right] : values[left];
  const seconds = width / TAKE.rate, rise = values[right] - values[left];
  const leaving = out_slopes[left] * seconds, arriving = in_slopes[right] * seconds;
  const square = 3 * rise - 2 * leaving - arriving, cube = leaving + arriving - 2 * rise;
  return values[left] + share * (leaving + share * (square + share * cube));
}

/** Draw a channel from frame `from` to frame `to` with a pen like a canvas's, in frames and values: no rounding. */
function trace(channel, from, to, pen) {
  const {frames, values, in_slopes, out_slopes, out_types} = channel.keys;
  const last = frames.length - 1;
  if (last < 0) { pen.moveTo(from, channel.neutral); pen.lineTo(to, channel.neutral); return; }
  const first = Math.max(0, lastAtOrBefore(frames, from));
  pen.moveTo(Math.min(from, frames[first]), values[first]);
  pen.lineTo(frames[first], values[first]);
  let left = first;
  for (; left < last && frames[left] < to; left++) {
    const right = left + 1, third = (frames[right] - frames[left]) / 3;
    if (out_types[left] === STEP) {
      pen.lineTo(frames[right], values[left]);
      pen.lineTo(frames[right], values[right]);
    } else if (out_types[left] === STEPNEXT) {
      pen.lineTo(frames[left], values[right]);
      pen.lineTo(frames[right], values[right]);
    } else {
      const handle = third / TAKE.rate;
      pen.bezierCurveTo(
        frames[left] + third, values[left] + out_slopes[left] * handle,
        frames[right] - third, values[right] - in_slopes[right] * handle,
        frames[right], values[right],
      );
    }
  }
  if (left === last) pen.lineTo(Math.max(to, frames[last]), values[last]);
}

/** The lowest and the highest value that the handles of a channel reach; its curve is within. */
function reach(channel) {
  let low = Infinity, high = -Infinity;
  const take = (...numbers) => {
    for (let place = 1; place < numbers.length; place += 2) {
      low = Math.min(low, numbers[place]); high = Math.max(high, numbers[place]);
    }
  };
  trace(channel, 0, TAKE.frames - 1, {moveTo: take, lineTo: take, bezierCurveTo: take});
  return [low, high];
}

/** What a controller does: neutral + sum over its layers of weight * (value - neutral), within its limits. */
function played(channels, frame) {
  const {neutral, limits} = channels[0];
  let value = neutral;
  if (channels.length === 1 && WEIGHTS.get(channels[0].layer) === 1) value = evaluate(channels[0], frame);
  else for (const one of channels) value += WEIGHTS.get(one.layer) * (evaluate(one, frame) - neutral);
  return Math.min(Math.max(value, limits[0]), limits[1]);
}

/** Every controller with its channels, in order of appearance. */
function byController() {
  const found = new Map();
  for (const channel of TAKE.channels) {
    if (!found.has(channel.controller)) found.set(channel.controller, []);
    found.get(channel.controller).push(channel);
  }
  return found;
}
