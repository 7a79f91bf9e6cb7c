/**
 * Questions asked in one turn of the event loop leave as one batch. A batch is closed when it leaves: no question joins a
 * call already sent, so an answer is never older than its question. The same question in one batch is asked once.
 */
export function coalesce<Q, A>(ask: (questions: readonly Q[]) => Promise<readonly A[]>, identity: (question: Q) => string, max = 256): (question: Q) => Promise<A> {
  let open: { questions: Map<string, { question: Q; at: number }>; answers: Promise<readonly A[]> } | undefined;
  return async (question) => {
    if (!open || open.questions.size >= max) {
      const questions = new Map<string, { question: Q; at: number }>();
      const answers = new Promise<void>((leave) => setImmediate(leave)).then(() => {
        if (open?.questions === questions) open = undefined;
        return ask([...questions.values()].map((entry) => entry.question));
      });
      open = { questions, answers };
    }
    const batch = open;
    const name = identity(question);
    const entry = batch.questions.get(name) ?? { question, at: batch.questions.size };
    batch.questions.set(name, entry);
    const answer = (await batch.answers)[entry.at];
    if (answer === undefined) throw new Error('a batch came back with fewer answers than questions');
    return answer;
  };
}
