import { runGroupProcess } from '../run.ts';
import { reply } from './handler.ts';
import { replyPorts } from './ports.ts';

runGroupProcess({ name: reply.name, functions: [reply] }, replyPorts);
