// How things stand in words, and where the visitor can be answered once they have left.
let folded, address, introduction;

function details() {
  const name = el("input", { autocomplete: "name" });
  const email = el("input", { type: "email", autocomplete: "email", required: true });
  const both = [field("name", name), field("email", email)].map((pair) => el("div", {}, ...pair));
  address = el("form", { onsubmit: introduce }, ...both, el("button.quiet", {}, t("keep")));
  folded = el("details.small", {}, el("summary", {}, t("details")), address);
  return folded;
}

function introduce() {
  const [name, email] = [...address.elements].map((control) => control.value);
  introduction = { type: "introduce", name, email };
  connect();
  tell(introduction);
  return false;
}

function showState(state) {
  if (state.with) standing.textContent = t("with", { name: state.with });
  if (state.has_address && !address.hidden) {
    address.hidden = true;
    folded.open = false;
    folded.firstChild.textContent = t("kept");
  }
  const { writing: name, until } = state;
  const word = name ? "typing" : state.by_mail ? "by_mail" : state.is_finished ? "finished" : until && "promise";
  tellNote(word ? t(word, { name, until: clock(until) }) : "");
}

function tellNote(sentence) {
  if (note.textContent === sentence) return;
  const isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 9;
  note.textContent = sentence; // more lines of it leave fewer to the conversation
  if (isAtEnd) scroll.scrollTop = 1e6;
}

function showPresence({ here, sentence, from, until }) {
  standing.textContent = `${fill(sentence, { from: clock(from), until: clock(until) })} ${here ? "" : t("ask")}`;
  folded.open = !here && !address.hidden;
}
