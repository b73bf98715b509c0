// A question with a button for each answer, such as whether to wait for the agent the visitor knows.
let asking;

function showChoice({ choice }) {
  if (asking.key === choice?.key) return;
  asking.key = choice?.key;
  const answer = ([option, words]) =>
    el("button.quiet", { onclick: () => sendFrame({ type: "choose", key: asking.key, option }) }, words);
  asking.replaceChildren(...(choice ? [choice.sentence, ...choice.options.map(answer)] : []));
}
