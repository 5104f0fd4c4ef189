import { runGroupProcess } from '../run.ts';
import { knowledge } from './handler.ts';
import { knowledgePorts } from './model.ts';

runGroupProcess({ name: knowledge.name, functions: [knowledge] }, (nc) => knowledgePorts(nc));
