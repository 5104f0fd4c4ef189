import { groupRole, pull, type Role } from '../../shared/access/roles.ts';
import { TIMERS } from '../../shared/log/streams.ts';
import { deliver } from './handler.ts';
import { DUE } from './provision.ts';

const group = groupRole({ name: deliver.name, functions: [deliver] });

/** Reads replies, and writes down what became of them. */
export const deliverRole: Role = { ...group, publish: [...group.publish, 'timer.deliver.>', ...pull(TIMERS, DUE)] };
