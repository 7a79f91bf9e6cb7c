/**
 * Questions asked in one turn of the event loop leave as one batch. A batch is closed when it leaves: no question joins a
 * call already sent, so an answer is never older than its question. The same question in one batch is asked once.
 * With `inFlight` batches under way the next one goes on gathering until one of them is back.
 */
export function coalesce<Q, A>(
  ask: (questions: readonly Q[]) => Promise<readonly A[]>,
  identity: (question: Q) => string,
  { max = 256, inFlight = Infinity } = {},
): (question: Q) => Promise<A> {
  let underWay = 0;
  const waiting: (() => void)[] = [];
  const leave = () =>
    new Promise<void>((go) => {
      setImmediate(() => {
        if (underWay < inFlight) {
          underWay++;
          go();
        } else waiting.push(go);
      });
    });
  const back = () => {
    const next = waiting.shift();
    if (next) next();
    else underWay--;
  };
  let open: { questions: Map<string, { question: Q; at: number }>; answers: Promise<readonly A[]> } | undefined;
  return async (question) => {
    if (!open || open.questions.size >= max) {
      const questions = new Map<string, { question: Q; at: number }>();
      const answers = leave().then(() => {
        if (open?.questions === questions) open = undefined;
        return ask([...questions.values()].map((entry) => entry.question)).finally(back);
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
