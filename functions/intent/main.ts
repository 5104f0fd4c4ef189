import { runGroupProcess } from '../run.ts';
import { intent } from './handler.ts';
import { intentPorts } from './model.ts';

runGroupProcess({ name: intent.name, functions: [intent] }, intentPorts);
