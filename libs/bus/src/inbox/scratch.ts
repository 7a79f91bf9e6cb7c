import type { Topic } from '#contracts';

/** The topic of a replay: no service follows it by itself. @param run tells two replays for one consumer apart. */
export const scratchTopic = (consumer: string, run: string): Topic => `replay.${consumer}.${run}` as Topic;

export const isScratch = (topic: Topic): boolean => topic.startsWith('replay.');
