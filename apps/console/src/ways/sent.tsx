import { useEffect, useState } from 'react';
import { now } from '../api/clock.ts';
import { Button } from '../parts/button.tsx';
import { Form } from '../parts/form.tsx';
import { ways } from '../texts/ways.ts';
import { Card, Foot } from './card.tsx';
import style from './ways.module.css';

const WAIT_S = 60;
const { sent: text } = ways;

interface SentProps {
  email: string;
  lead: string;
  /** ms since 1970. */
  at: number;
  again: (email: string) => Promise<unknown>;
  onChange: () => void;
}

/** A mail is on its way, or is not: for every address the same. It can be sent again after a minute. */
export function Sent({ email, lead, at, again, onChange }: SentProps) {
  const [{ sentAt, isAgain }, send] = useState({ sentAt: at, isAgain: false });
  const left = useLeft(sentAt);
  return (
    <Card title={text.title} heading={text.at(email)} lead={lead}>
      <Form
        onSubmit={async () => {
          await again(email);
          send({ sentAt: now(), isAgain: true });
        }}
      >
        <Button type="submit" writes disabled={left > 0}>
          {left > 0 ? text.in(left) : text.again}
        </Button>
        <p role="status" className={style.foot}>
          {isAgain ? text.sent : ''}
        </p>
      </Form>
      <Foot>
        {text.nothing}{' '}
        <button type="button" className={style.link} onClick={onChange}>
          {text.change}
        </button>
      </Foot>
    </Card>
  );
}

function useLeft(sentAt: number): number {
  const [at, tick] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => {
      tick(now());
    }, 1_000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return Math.max(0, Math.min(WAIT_S, Math.ceil((sentAt + WAIT_S * 1_000 - Math.max(at, sentAt)) / 1_000)));
}
