// The state of the conversation in words, and the form for the visitor's name and mail address.
let details, address;
let hasNewName = false; // the typed name and address have not been sent yet
let presence; // the availability of agents, as last loaded
let canReach = false; // the visitor's mail address is known, from here or from their request's page

function buildDetails() {
  const name = el("input", { autocomplete: "name", value: memory.name });
  const email = el("input", { type: "email", autocomplete: "email", required: true, value: memory.email });
  const both = [field("name", name), field("email", email)].map((pair) => el("div", {}, ...pair));
  address = el("form", { onsubmit: saveName }, ...both, el("button.quiet", {}, t("keep")));
  details = el("details.small", {}, el("summary", {}, t("details")), address);
  return details;
}

function saveName() {
  const [name, email] = [...address.elements].map((control) => control.value);
  save({ name, email });
  hasNewName = true;
  connect();
  sendName();
  return false;
}

function sendName() {
  if (!welcome || !hasNewName) return;
  hasNewName = details.open = false;
  sendFrame({ type: "introduce", name: memory.name, email: memory.email });
}

function showState(state) {
  const isNews = state.has_address && !canReach;
  canReach = state.has_address;
  if (isNews) showPresence(presence);
  if (state.with) standing.textContent = t("with", { name: state.with });
  details.firstChild.textContent = t(state.has_address ? "kept" : "details");
  const { writing: name, until } = state;
  const word = name ? "typing" : state.by_mail ? "by_mail" : state.is_finished ? "finished" : until && "promise";
  showNote(word ? t(word, { name, until: clock(until) }) : "");
}

function showNote(sentence) {
  if (note.textContent === sentence) return;
  const wasAtEnd = isAtEnd();
  note.textContent = sentence; // its height changes that of the conversation
  if (wasAtEnd) scroll.scrollTop = 1e6;
}

function showPresence(status) {
  presence = status;
  const { here, sentence, from, until } = status;
  const asks = !here && !canReach;
  standing.textContent = `${fill(sentence, { from: clock(from), until: clock(until) })} ${asks ? t("ask") : ""}`;
  details.open = asks && !memory.email;
}
