// The handlers of the server's frames, by type.
const FRAMES = {
  welcome({ token }) {
    if (token) save({ token });
    if (isLive || !welcome) {
      showNote("");
      sentSeen = 0;
    }
    welcome = true;
    if (isLive) {
      pause = 1000;
      waiting.splice(0).forEach(sendFrame);
    }
    hasNewName ||= !!(token && memory.email);
    sendName();
    sendNext();
  },
  messages(frame) {
    if (frame.conversation !== conversation) clearLog();
    conversation = frame.conversation;
    seen = Math.max(seen, frame.seen);
    frame.lines.forEach(show);
    last = frame.upto;
    noteSeen();
  },
  ack: onAck,
  refused: onRefused,
  state: (frame) => (showState(frame), showChoice(frame)),
  file: ({ url }) => url && open(url, "_blank", "noopener"),
  ended() {
    forget();
    showUnread();
    showNote(t("ended"));
  },
};
