import { runGroupProcess } from '../run.ts';
import { policy } from './handler.ts';

runGroupProcess({ name: policy.name, functions: [policy] }, () => ({}));
