import type { NatsConnection } from '@nats-io/nats-core';
import type { Bot } from '../../shared/bot/bot.ts';
import { deskBook } from '../../shared/desk/book.ts';
import { timerSetter } from '../../shared/log/timers.ts';
import type { Replying } from './handler.ts';

/** Responses from the published bots, timers on the log's own clock, the desk in its own stream. */
export function replyPorts(nc: NatsConnection, botOf: (hash: string) => Promise<Bot>): Replying {
  const desk = deskBook(nc);
  const setTimer = timerSetter(nc);
  return {
    botOf,
    setTimer: (decision, afterMs, instead) => setTimer(decision, new Date(Date.now() + afterMs), instead),
    tellDesk: (session, news) => desk.note(session, news),
  };
}
