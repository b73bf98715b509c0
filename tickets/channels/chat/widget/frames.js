// What each frame of the server does to the window, by its type.
const FRAMES = {
  welcome({ token }) {
    if (token) keep({ token });
    if (isLive || !welcome) {
      tellNote("");
      told = 0;
    }
    welcome = true;
    if (isLive) {
      pause = 1000;
      waiting.splice(0).forEach(tell);
    }
    introduces ||= !!(token && memory.email);
    tellName();
    pump();
  },
  messages(frame) {
    if (frame.conversation !== conversation) startAnew();
    conversation = frame.conversation;
    seen = Math.max(seen, frame.seen);
    frame.lines.forEach(show);
    last = frame.upto;
    noteSeen();
  },
  ack: acknowledged,
  refused,
  state: (frame) => (showState(frame), showChoice(frame)),
  file: ({ url }) => url && open(url, "_blank", "noopener"),
  ended() {
    forget();
    badge();
    tellNote(t("ended"));
  },
};
