import { parseArgs } from 'node:util';
import { groupsOf } from './index.ts';
import { allPorts } from './ports.ts';
import { runGroupProcess } from './run.ts';

// Any group by name: `node functions/main.ts --group turn` (all of them in one process), or `--group intent`.
const { values } = parseArgs({ options: { group: { type: 'string', default: 'turn' } } });
const groups = [...groupsOf('chained'), ...groupsOf('hop-by-hop')];
const group = groups.find((g) => g.name === values.group);
if (group) runGroupProcess(group, allPorts);
else {
  process.stderr.write(`turnstream: --group must be one of ${groups.map((g) => g.name).join(', ')}\n`);
  process.exitCode = 2;
}
