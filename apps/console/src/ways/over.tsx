import { type ReactNode, useState } from 'react';
import { Refusal } from '../api/client.ts';
import { ways } from '../texts/ways.ts';
import { Card } from './card.tsx';

const { factor: text } = ways;

/** The sign-in waited too long, or has gone on elsewhere. */
export const Over = ({ again }: { again: ReactNode }) => (
  <Card title={text.over} lead={text.overLead}>
    {again}
  </Card>
);

/** Whether a refusal says that no sign-in of this browser waits any more. */
export const isOverBy = (error: unknown): boolean =>
  error instanceof Refusal && error.problem.code === 'sign-in/half-required';

/** Of a form in the middle of a sign-in: whether it is over, and what notices that. */
export function useOver() {
  const [isOver, end] = useState(false);
  const going = async (asked: Promise<unknown>): Promise<void> => {
    try {
      await asked;
    } catch (error) {
      if (!isOverBy(error)) throw error;
      end(true);
    }
  };
  return { isOver, going };
}
