// One row of the list: a channel's curve with its keys.

const LEAST_SHARE = 0.15;  // of a controller's range, that a row shows: what moves less shall look as if it did
const LEAST_ROOM = 3;  // pixels from key to key, for dots

/** One channel: limits, neutral, closures, edited spans, what all layers play, the curve and its keys. Returns how many keys. */
function paintRow(context, row, view, height, fitted) {
  const {channel, colour, others} = row, {frames, values} = channel.keys;
  const [low, high] = valuesShown(row, fitted), top = 6, bottom = height - 6;
  const y = (value) => bottom - (value - low) / (high - low) * (bottom - top);
  paintGrid(context, view, height);
  if (channel.held) paintHeld(context, view, height);
  for (const [first, last] of channel.edited) {
    context.fillStyle = "rgba(122, 200, 255, .5)";
    context.fillRect(view.x(first) - 1, height - 3, Math.max(view.x(last) - view.x(first), 0) + 2, 2);
  }
  context.fillStyle = "#3a3e45";
  for (let x = 0; x < view.width; x += 6) context.fillRect(x, Math.round(y(channel.neutral)), 3, 1);
  if (others.length > 1 || WEIGHTS.get(channel.layer) !== 1) paintPlayed(context, others, view, y);
  const pen = new Pen(context, view, y, colour, 1.6);
  trace(channel, view.from, view.to, pen);
  pen.end();
  const keys = paintKeys(context, frames, values, view, y, colour);
  if (height > 40) paintScale(context, channel, view, [[high, 9], [low, height - 9]]);
  return keys;
}

/** Where lips are shut, behind the curves of what shuts them. */
function paintHeld(context, view, height) {
  for (const [kind, colour] of [["lip_seal", "rgba(255, 122, 144, .13)"], ["lip_tuck", "rgba(242, 179, 107, .08)"]]) {
    context.fillStyle = colour;
    for (const [start, end, one] of TAKE.closures) {
      if (one === kind && end * RATE > view.from && start * RATE < view.to)
        context.fillRect(view.x(start * RATE), 0, Math.max((end - start) * RATE / view.span * view.width, 1), height);
    }
  }
}

/** What the upper and the lower edge of a row stand for. */
function paintScale(context, channel, view, edges) {
  context.textAlign = "right";
  for (const [value, y] of edges) {
    const text = shown(value, channel), width = context.measureText(text).width + 6;
    context.fillStyle = "rgba(22, 23, 25, .75)"; context.fillRect(view.width - width - 1, y - 7, width, 14);
    context.fillStyle = DIM; context.fillText(text, view.width - 4, y);
  }
}

function paintPlayed(context, channels, view, y) {
  const pen = new Pen(context, view, y, "#767c86", 1);
  pen.moveTo(view.from, played(channels, view.from));
  for (let x = 1; x <= view.width; x++) pen.lineTo(view.frame(x), played(channels, view.frame(x)));
  pen.end();
}

/** A dot for every key in view, smaller where they are dense and none where they would hide the curve. Returns how many. */
function paintKeys(context, frames, values, view, y, colour) {
  const first = lastAtOrBefore(frames, view.from) + 1, last = lastAtOrBefore(frames, view.to);
  const room = view.width / Math.max(1, last - first + 1), radius = room < 8 ? 1.3 : room < 14 ? 1.9 : 2.6;
  if (room < LEAST_ROOM) return 0;
  Object.assign(context, {fillStyle: radius > 2 ? "#161719" : colour, lineWidth: 1.2, strokeStyle: colour});
  for (let place = first; place <= last; place++) {
    context.beginPath();
    context.arc(view.x(frames[place]), y(values[place]), radius, 0, 2 * Math.PI);
    context.fill();
    if (radius > 2) context.stroke();
  }
  return last - first + 1;
}

/** The values between which a row is drawn: its controller's limits, or what its curve needs of them. */
function valuesShown({channel, reached}, fitted) {
  const [least, most] = channel.limits, [low, high] = reached;
  if (!fitted) return [Math.min(least, low), Math.max(most, high)];
  const room = LEAST_SHARE * (most - least);
  return high - low > room ? [low, high] : [(low + high - room) / 2, (low + high + room) / 2];
}
