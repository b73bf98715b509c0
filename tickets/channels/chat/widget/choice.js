// A question with a button for each answer: wait for the person one knows, or somebody else now.
let asking;

function showChoice({ choice }) {
  if (asking.key === choice?.key) return;
  asking.key = choice?.key;
  const answer = ([option, words]) =>
    el("button.quiet", { onclick: () => tell({ type: "choose", key: asking.key, option }) }, words);
  asking.replaceChildren(...(choice ? [choice.sentence, ...choice.options.map(answer)] : []));
}
