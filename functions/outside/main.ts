import { groupsOf } from '../index.ts';
import { runGroupProcess } from '../run.ts';
import { outsidePorts } from './ports.ts';

const group = groupsOf('chained').find(({ name }) => name === 'outside');
if (group) runGroupProcess(group, outsidePorts);
