// How things stand in words, and where the visitor can be answered once they have left.
let folded, address;
let introduces = false; // what was typed is not told yet
let around; // who is there, as last asked
let isReachable = false; // an address of theirs is known, from here or from their request's page

function details() {
  const name = el("input", { autocomplete: "name", value: memory.name });
  const email = el("input", { type: "email", autocomplete: "email", required: true, value: memory.email });
  const both = [field("name", name), field("email", email)].map((pair) => el("div", {}, ...pair));
  address = el("form", { onsubmit: introduce }, ...both, el("button.quiet", {}, t("keep")));
  folded = el("details.small", {}, el("summary", {}, t("details")), address);
  return folded;
}

function introduce() {
  const [name, email] = [...address.elements].map((control) => control.value);
  keep({ name, email });
  introduces = true;
  connect();
  tellName();
  return false;
}

function tellName() {
  if (!welcome || !introduces) return;
  introduces = folded.open = false;
  tell({ type: "introduce", name: memory.name, email: memory.email });
}

function showState(state) {
  const isNews = state.has_address && !isReachable;
  isReachable = state.has_address;
  if (isNews) showPresence(around);
  if (state.with) standing.textContent = t("with", { name: state.with });
  folded.firstChild.textContent = t(state.has_address ? "kept" : "details");
  const { writing: name, until } = state;
  const word = name ? "typing" : state.by_mail ? "by_mail" : state.is_finished ? "finished" : until && "promise";
  tellNote(word ? t(word, { name, until: clock(until) }) : "");
}

function tellNote(sentence) {
  if (note.textContent === sentence) return;
  const wasAtEnd = isAtEnd();
  note.textContent = sentence; // more lines of it leave fewer to the conversation
  if (wasAtEnd) scroll.scrollTop = 1e6;
}

function showPresence(found) {
  around = found;
  const { here, sentence, from, until } = found;
  const asks = !here && !isReachable;
  standing.textContent = `${fill(sentence, { from: clock(from), until: clock(until) })} ${asks ? t("ask") : ""}`;
  folded.open = asks && !memory.email;
}
