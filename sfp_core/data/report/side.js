// What stands beside the curves: facts, warnings, the words that are said, figures of the run.

function fillHeader() {
  byId("name").textContent = TAKE.name;
  const moving = TAKE.channels.filter((channel) => channel.keys.frames.length > 1).length;
  const keys = TAKE.channels.reduce((sum, channel) => sum + channel.keys.frames.length, 0);
  const facts = [
    [TAKE.rig, ""], [TAKE.sound || "no sound", ""], [TAKE.fps, "fps"],
    [TAKE.frames, `frame${TAKE.frames === 1 ? "" : "s"}, ${((TAKE.frames - 1) / RATE).toFixed(2)} s`],
    [keys, `key${keys === 1 ? "" : "s"} on ${moving} of ${counted(TAKE.channels.length, "channel")}`],
  ];
  for (const [strong, weak] of facts) fact(strong, weak);
  if (TAKE.warnings.length) fact(TAKE.warnings.length, TAKE.warnings.length === 1 ? "warning" : "warnings", "bad");
}

function fact(strong, weak, className = "") {
  const entry = made("li", "", className);
  entry.append(made("b", String(strong)), ` ${weak}`);
  byId("facts").append(entry);
}

function fillSide(clock, film) {
  if (!film) {
    byId("no-film").hidden = false;
    byId("no-film").textContent = "There is no film on this page.";
  }
  byId("warnings").hidden = !TAKE.warnings.length;
  byId("warnings").querySelector("ul").append(...TAKE.warnings.map((text) => made("li", text)));
  byId("figures").hidden = !TAKE.figures.length;
  byId("figures").querySelector("tbody").append(...TAKE.figures.map(([name, value]) => {
    const row = made("tr"), head = made("th", name);
    head.scope = "row";
    row.append(head, made("td", value));
    return row;
  }));
  byId("said").hidden = !TAKE.words.length;
  byId("said").querySelector("p").append(...TAKE.words.flatMap(([start, , text]) => {
    const word = made("button", text);
    word.addEventListener("click", () => clock.seek(start));
    return [word, " "];
  }));
}

/** Show the word and the phone of this moment. */
class Saying {
  constructor() {
    this.buttons = [...byId("said").querySelectorAll("button")];
    this.word = -1;
  }

  tell(seconds) {
    const word = during(TAKE.words, seconds), phone = during(TAKE.phones, seconds);
    byId("now-phone").textContent = phone < 0 ? "" : TAKE.phones[phone][2];
    if (word === this.word) return;
    this.buttons[this.word]?.classList.remove("on");
    this.buttons[word]?.classList.add("on");
    byId("now-word").textContent = word < 0 ? "" : TAKE.words[word][2];
    this.word = word;
  }
}

/** Place of the span that a time is in, -1 where there is none. */
function during(spans, seconds) {
  const place = firstAfter(spans, seconds);
  return place < spans.length && spans[place][0] <= seconds ? place : -1;
}
